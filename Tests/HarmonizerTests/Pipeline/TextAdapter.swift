// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// A format for these tests: words such as `id=42`, `t=1795217228`, `part`, `1-0:1.8.0=12.5kWh`, `bad`, `offline`.
struct TextAdapter: Adapter {
    let name = "text"
    let defaultFilters = ["in/+"]
    var sendsIDSeparately = false

    func makeDecoder() -> any TelegramDecoder { TextDecoder() }
}

/// `open` begins a telegram that never ends; `gas=2` is an M-Bus device on channel 2, `gas=2:G9` one
/// with an id; `@9` behind a value is its own time, `@x`
/// one that is none.
struct TextDecoder: TelegramDecoder {
    private(set) var openSince: Timestamp?

    mutating func abandon() -> Verdict? {
        openSince = nil
        return .rejected(Rejection(.incomplete, "the rest never came"))
    }

    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict {
        var telegram = Telegram(clock: .meter)
        var remarks: [Remark] = []
        var rejected: [Rejection] = []
        for word in String(decoding: message.payload, as: UTF8.self).split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch parts[0] {
            case "damaged": rejected.append(Rejection(.crc, at: Int(parts[1]), "damaged"))
            case "bad": return .rejected(Rejection(.shape, at: 3, "bad"))
            case "open":
                openSince = openSince ?? message.received
                return .fragment
            case "guess": remarks.append(.guessedLabels(parts[1], known: 17, of: 17))
            case "label": remarks.append(.unknownLabel(parts[1]))
            case "kind": return .ignored(kind: parts[1], remarks: remarks)
            case "device": telegram.device = parts[1]
            case "model": telegram.model = MeterModel(manufacturer: parts[1])
            case "gas":
                let words = parts[1].split(separator: ":").map(String.init)
                telegram.submeters.append(
                    Submeter(channel: Int(words[0]) ?? 0, medium: .gas, id: words.count > 1 ? words[1] : nil))
            case "lenient": telegram.repairs.append(Fix(.payloadLenient, fields: ["payload"], action: .restore))
            case "restored": telegram.repairs.append(Fix(.telegramRestored, fields: ["telegram"], action: .restore))
            case "offline": return .availability(isOnline: false)
            case "part": telegram.isPart = true
            case "id": telegram.id = RawID(parts[1])
            case "t": telegram.time = Int64(parts[1]).map { .instant(Timestamp(seconds: $0)) }
            case "local": telegram.time = RFC3339.parse(parts[1]).map { .local($0.wall) }
            default:
                guard let obis = OBISCode(parts[0]) else { continue }
                let words = parts[1].split(separator: "@", maxSplits: 1).map(String.init)
                let time = words.count < 2 ? nil : Int64(words[1]).map { RawTime.instant(Timestamp(seconds: $0)) }
                let own: RawTime? = words.count < 2 ? nil : time ?? .invalid(words[1])
                let digits = words[0].prefix { $0.isNumber || $0 == "." || $0 == "-" }
                let unit = String(words[0].dropFirst(digits.count))
                let value = ExactDecimal(String(digits)).map { RawValue.number($0) } ?? .text(words[0])
                telegram.observations.append(
                    Observation(obis, value, unit: unit.isEmpty ? nil : Unit(unit) ?? .asReceived(unit), time: own))
            }
        }
        return telegram.observations.isEmpty
            ? .ignored(kind: "text-empty", remarks: remarks)
            : .telegrams([telegram], rejected: rejected, remarks: remarks)
    }
}
