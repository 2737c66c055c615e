// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Wattly readers, firmware 1: a line a telegram, `id;local time;import kWh;export kWh;import W;export W`.
struct WattlyLineAdapter: Adapter {
    let name = "wattly-line"
    let defaultFilters = ["wattly/+/line"]

    func makeDecoder() -> any TelegramDecoder { WattlyLineDecoder() }
}

/// Reads a line. An empty field is a register that the meter did not send.
struct WattlyLineDecoder: TelegramDecoder {
    private static let registers = [
        (code: OBISCode(1, 0, 1, 8, 0), unit: Unit("kWh")), (code: OBISCode(1, 0, 2, 8, 0), unit: Unit("kWh")),
        (code: OBISCode(1, 0, 1, 7, 0), unit: Unit("W")), (code: OBISCode(1, 0, 2, 7, 0), unit: Unit("W")),
    ]

    func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        let line = message.payload.prefix { $0 >= UInt8(ascii: " ") }
        if line.elementsEqual("hello".utf8) { return .ignored(kind: "wattly-hello") }
        let fields = line.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        guard fields.count == 2 + Self.registers.count else {
            return .rejected(Rejection(.shape, "\(fields.count) fields instead of \(2 + Self.registers.count)"))
        }
        var telegram = Telegram(clock: .meter)
        if !fields[0].isEmpty { telegram.id = RawID(String(decoding: fields[0], as: UTF8.self)) }
        if !fields[1].isEmpty {
            let text = String(decoding: fields[1], as: UTF8.self)
            telegram.time = RFC3339.parse(text).map { .local($0.wall) } ?? .invalid(text)
        }
        for (field, register) in zip(fields.dropFirst(2), Self.registers) where !field.isEmpty {
            guard let number = field.withUnsafeBufferPointer({ ExactDecimal(bytes: $0) }) else {
                return .rejected(Rejection(.value, at: field.startIndex, "no number"))
            }
            let words = context.keepsRaw ? String(decoding: field, as: UTF8.self) : nil
            telegram.observations.append(
                Observation(register.code, .number(number), unit: register.unit, raw: words))
        }
        return .telegrams([telegram])
    }
}
