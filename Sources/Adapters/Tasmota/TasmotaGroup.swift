// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// One JSON object of a message that may contain the meter.
struct TasmotaGroup {
    /// Its key without trailing spaces (`"SML  "` of arendst/Tasmota#11680); nil for the message itself, whose labels
    /// are beside `Time`.
    let name: String?
    let value: JSONValue

    /// Tasmota's own keys beside the groups.
    static let ownKeys: Set<String> = [
        "Time", "Epoch", "TempUnit", "PressureUnit", "SpeedUnit", "WeightUnit", "VolumeUnit",
    ]

    /// Groups that may have labels like a meter's but contain other data, so that they must be named: Tasmota's own
    /// measurement of a plug, the processor, an inverter on the gPlug's second port.
    static let takenOnlyWhenNamed: Set<String> = ["ENERGY", "ESP32", "SMA"]

    /// The objects of a message.
    static func all(in body: JSONValue, where isWanted: (String) -> Bool = { _ in true }) -> [TasmotaGroup] {
        var groups: [TasmotaGroup] = []
        for member in body.members {
            guard case .object = member.value.kind else { continue }
            var name = member.key.string
            while name.utf8.last == UInt8(ascii: " ") { name.removeLast() }
            guard isWanted(name) else { continue }
            groups.append(TasmotaGroup(name: name, value: member.value))
        }
        return groups
    }

    /// The labels with plain values, in order.
    func forEachLabel(_ body: (JSONText, JSONValue) -> Void) {
        for member in value.members where member.value.kind != .object {
            if name == nil, Self.ownKeys.contains(member.key.string) { continue }
            body(member.key, member.value)
        }
    }

    /// The same, but offers plain numbers under short labels to `number` first. For the message itself it does not:
    /// there a label may be Tasmota's own.
    func forEachLabel(number: (UInt64, ExactDecimal) -> Bool, other: (JSONText, JSONValue) -> Void) {
        guard name != nil else { return forEachLabel(other) }
        value.members.forEach(number: number) { key, value in
            if value.kind != .object { other(key, value) }
        }
    }

    /// The data for a guess; labels that are OBIS codes need no dictionary.
    var samples: [LabelGuess.Sample] {
        var samples: [LabelGuess.Sample] = []
        forEachLabel { key, value in
            let label = key.string
            guard !label.isEmpty, LabelMeaning(obisLabel: label) == nil,
                !samples.contains(where: { $0.label == label })
            else { return }
            samples.append(.init(label: label, number: value.quotedDecimal, decimals: value.literal.decimals))
        }
        return samples
    }
}

extension JSONText {
    /// Digits after the decimal point of a number as written.
    var decimals: Int {
        withBytes { bytes in
            guard let point = bytes.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
            var end = point + 1
            while end < bytes.count, bytes[end] >= UInt8(ascii: "0"), bytes[end] <= UInt8(ascii: "9") { end += 1 }
            return end - point - 1
        }
    }
}
