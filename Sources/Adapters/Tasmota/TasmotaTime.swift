// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The times in a Tasmota message.
enum TasmotaTime {
    /// The reader's clock at the time of publishing, in any of its configurable forms: local time, with an offset
    /// (SetOption52 1), with `Epoch` beside it (Time 2), as a number (Time 3), with milliseconds (Time 4).
    static func read(_ body: JSONValue) -> RawTime? {
        if let epoch = body["Epoch"], epoch.kind == .number, let time = epoch.decimal.flatMap(EpochTime.instant) {
            return .instant(time)
        }
        guard let value = body["Time"] else { return nil }
        switch value.kind {
        case .number:
            return value.decimal.flatMap(EpochTime.instant).map { .instant($0) } ?? .invalid(value.literal.string)
        case .string where !value.literal.isEmpty:
            guard let parsed = value.literal.withBytes({ RFC3339.parse($0) }) else {
                return .invalid(value.literal.string)
            }
            return parsed.offset.map { .instant(parsed.wall.instant(offset: $0)) } ?? .local(parsed.wall)
        default:
            return nil
        }
    }

    /// The meter's clock in a label: YYMMDDhhmmss in local time, as a number or a text, optionally followed by the `S`
    /// or `W` of a P1 stamp; nil for anything else (0 when the reader has not received the clock yet).
    static func meterClock(_ value: JSONValue) -> RawTime? {
        value.literal.withBytes { bytes in
            guard bytes.count == 12 || bytes.count == 13 else { return nil }
            var fields: [Int] = []
            for index in stride(from: 0, to: 12, by: 2) {
                let tens = bytes[index] &- UInt8(ascii: "0")
                let ones = bytes[index + 1] &- UInt8(ascii: "0")
                guard tens <= 9, ones <= 9 else { return nil }
                fields.append(Int(tens) * 10 + Int(ones))
            }
            guard
                let wall = WallTime(
                    year: 2000 + fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4],
                    second: fields[5])
            else { return nil }
            guard bytes.count == 13 else { return .local(wall) }
            switch bytes[12] {
            case UInt8(ascii: "S"): return .seasonal(wall, isSummer: true)
            case UInt8(ascii: "W"): return .seasonal(wall, isSummer: false)
            default: return nil
            }
        }
    }
}
