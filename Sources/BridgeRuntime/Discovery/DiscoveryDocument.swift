// SPDX-License-Identifier: Apache-2.0
package import Adapters
import Harmonizer
import Machine

/// The document of `discover --report`: the observed messages, in a form that can be attached to an issue. Ids,
/// addresses and networks are replaced; counters and powers stay, because their magnitude shows the unit.
package struct DiscoveryDocument {
    private let discovery: Discovery

    /// The maximum number of topics shown.
    private static let limit = 200
    /// The maximum length of a payload shown.
    private static let length = 2000

    package init(_ discovery: Discovery) { self.discovery = discovery }

    package var text: String {
        var scrubber = Scrubber()
        var lines = [
            "# What a broker publishes, for obis-bridge \(Program.version)", "",
            "Ids, addresses and networks are replaced by made-up ones. Look it through before you share it: names of your own choice are as",
            "they were.", "", "## What discover said", "", "```text", DiscoveryReport(discovery).text, "```", "",
        ]
        let unknown = discovery.unknown
        if !unknown.isEmpty {
            lines += ["## Mappings to begin with", ""]
            for reader in unknown { lines += ["```yaml", reader.mapping + "```", ""] }
        }
        lines += ["## The newest message of each topic", "", "```text"]
        for message in discovery.samples.prefix(Self.limit) {
            let payload = Self.printable(message.payload.prefix(Self.length))
            lines.append("\(message.topic) \(payload)")
        }
        lines.append("```")
        return scrubber.scrubbed(lines.joined(separator: "\n") + "\n")
    }

    /// Text as one line; other bytes in hexadecimal.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        let isText = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        guard isText else {
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return "0x" + digits
        }
        return Terminal.escaped(
            String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).joined(separator: " "))
    }
}

/// Replaces everything that identifies a meter or its owner: long numbers and hexadecimal words, addresses of
/// computers. The same word always gets the same replacement, of the same shape.
struct Scrubber {
    private var known: [String: String] = [:]

    /// The shortest word replaced: shorter words are types, counters and values.
    private static let shortest = 8

    mutating func scrubbed(_ text: String) -> String {
        var result = ""
        var word = ""
        var before: Character = " "
        for character in text {
            if character.isASCII, character.isLetter || character.isNumber {
                word.append(character)
                continue
            }
            result += replaced(word, after: before, followedBy: character)
            if !word.isEmpty { before = word.last ?? " " }
            result.append(character)
            before = character
            word = ""
        }
        return result + replaced(word, after: before, followedBy: " ")
    }

    private mutating func replaced(_ word: String, after before: Character, followedBy next: Character) -> String {
        let isPair =
            word.count == 2 && word.allSatisfy(\.isHexDigit) && (before == ":" || next == ":")
            && word.contains { $0.isLetter }
        if isPair { return "00" }
        guard word.count >= Self.shortest, !isDecimal(word, before, next), !isTime(word) else { return word }
        let digits = word.count(where: \.isNumber)
        guard digits >= 4,
            word.allSatisfy(\.isHexDigit) || digits * 2 >= word.count || word.allSatisfy(\.isUppercaseOrDigit)
        else { return word }
        if let made = known[word] { return made }
        let made = Self.madeUp(word, number: known.count + 1)
        known[word] = made
        return made
    }

    /// True for the digits of a decimal number, which have a point before or after them.
    private func isDecimal(_ word: String, _ before: Character, _ next: Character) -> Bool {
        word.allSatisfy(\.isNumber) && (before == "." || next == "." || word.count == Self.shortest)
    }

    private func isTime(_ word: String) -> Bool {
        (word.count == 10 || word.count == 13) && word.allSatisfy(\.isNumber) && word.hasPrefix("1")
    }

    /// A made-up word: letters stay letters and digits stay digits; the number at the end makes it unique.
    private static func madeUp(_ word: String, number: Int) -> String {
        let tail = String(number)
        let head = word.dropLast(tail.count).map { character -> Character in
            character.isNumber ? "0" : character.isUppercase ? "A" : "a"
        }
        return String(head) + tail
    }
}

extension Character {
    fileprivate var isUppercaseOrDigit: Bool { isUppercase || isNumber }
}
