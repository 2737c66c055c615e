// SPDX-License-Identifier: Apache-2.0
public import Harmonizer
internal import Wire

/// The draft of a list from one captured message, with its types filled in and its values shown, so that a person at
/// the meter can write down the meaning of each.
public struct ListDraft: Sendable {
    /// The YAML of a file of lists.
    public let yaml: String
    /// The list that already reads the message; nil when none does.
    public let known: String?

    /// Reads a captured payload in any wrapping that the adapter accepts.
    ///
    /// - Parameters:
    ///   - payload: one message, or all its pieces one after the other.
    ///   - options: the keys of an encrypted meter.
    /// - Throws: why it contains no list of values.
    public init(payload: [UInt8], options: FrameOptions = FrameOptions()) throws(Rejection) {
        var decoder = FramesDecoder(options: options)
        decoder.keepsList = true
        let message = RawMessage(topic: "", payload: payload, received: Timestamp(seconds: 0))
        let verdicts = [decoder.decode(message, context: DecodingContext()), decoder.abandon()].compactMap(\.self)
        guard let (content, bytes) = decoder.lastList else {
            for case .rejected(let rejection) in verdicts { throw rejection }
            throw Rejection(
                .shape, "no list of values in it: SML, P1 and the port of French meters say themselves what they send")
        }
        known = decoder.lastName
        yaml = Self.text(content, bytes)
    }

    private static func text(_ content: ListContent, _ bytes: [UInt8]) -> String {
        var lines = [
            "description: MAKER, MODEL, COUNTRY", "lists:", "  my-meter:", "    shape: \(content.shape.rawValue)",
        ]
        var match: [String] = []
        if let version = content.version { match.append("version: \(quoted(ListText.text(bytes, version)))") }
        if let device = content.device {
            match.append("device: \(quoted(String(ListText.text(bytes, device).prefix(3))))")
        }
        match.append("count: \(content.letters.count)")
        if content.shape == .positional {
            match.append("types: \(quoted(String(decoding: content.letters, as: UTF8.self)))")
        }
        lines.append("    match: {\(match.joined(separator: ", "))}")
        if content.shape == .positional {
            lines.append(
                "    # One line for each value: id, device, version, model, clock, skip, or a register with its unit and"
            )
            lines.append("    # what the number is multiplied with: 1-0:31.7.0 A 0.01")
            lines.append("    values:")
            for (index, place) in content.values.enumerated() {
                lines.append(
                    "      - \(word(content, index, bytes))  # \(index + 1): \(shown(content.element(place), bytes))")
            }
        } else {
            lines.append("    # What numbers without a scaler are multiplied with, in Wh, W, V and A:")
            lines.append("    scales: {energy: 1, power: 1, voltage: \(voltage(content, bytes)), current: 0.01}")
            for entry in content.entries {
                let scale = entry.scaler.map { " scaler \($0)" } ?? ""
                lines.append("    # \(entry.code): \(shown(content.element(entry.element), bytes))\(scale)")
            }
        }
        lines.append("    laws: [voltage, current]")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The best guess for the meaning of a value without a code.
    private static func word(_ content: ListContent, _ index: Int, _ bytes: [UInt8]) -> String {
        switch content.letters[index] {
        case UInt8(ascii: "t"): return "clock"
        case UInt8(ascii: "s"):
            let text = ListText.text(bytes, content.element(content.values[index]).range)
            if text.utf8.count == 16, text.utf8.prefix(3).allSatisfy({ $0 &- UInt8(ascii: "A") < 26 }) {
                return "device"
            }
            return text.utf8.count >= 7 && text.utf8.allSatisfy { $0 &- UInt8(ascii: "0") <= 9 } ? "id" : "skip"
        default: return "skip"
        }
    }

    private static func shown(_ element: AXDR.Element, _ bytes: [UInt8]) -> String {
        if let number = element.integer(bytes) { return "\(number)" }
        if let digits = element.decimalDigits(bytes) { return digits }
        return element.isOctets ? quoted(ListText.text(bytes, element.range)) : "…"
    }

    /// The factor that turns the values into plausible voltages.
    private static func voltage(_ content: ListContent, _ bytes: [UInt8]) -> String {
        let highest =
            content.entries.filter { $0.code.dimension == .voltage }.compactMap {
                content.element($0.element).integer(bytes)
            }.max() ?? 0
        return highest > 10_000 ? "0.01" : highest > 1000 ? "0.1" : "1"
    }

    /// In double quotes, without characters that would end them.
    private static func quoted(_ text: String) -> String {
        "\"" + text.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline } + "\""
    }
}
