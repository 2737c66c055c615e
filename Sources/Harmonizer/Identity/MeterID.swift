// SPDX-License-Identifier: Apache-2.0

/// Meter ids: from the id in a payload to one topic level.
package enum MeterID {
    /// The id behind ASCII in hexadecimal (`3130343837303239` is `10487029`), else the text without blanks around it.
    ///
    /// Where the format does not specify it, a text is taken for hexadecimal ASCII from six characters on, and only
    /// when all of them are digits and capitals as on a nameplate: the digits of a plain number happen to pair up too.
    package static func decoded(_ raw: RawID) -> String {
        let digits = Array(raw.text.utf8)
        if digits.count % 2 == 0, digits.count >= (raw.isHexadecimalText ? 2 : 12) {
            var bytes: [UInt8] = []
            for index in stride(from: 0, to: digits.count, by: 2) {
                guard let high = digits[index].hexadecimalDigit, let low = digits[index + 1].hexadecimalDigit else {
                    break
                }
                bytes.append(high << 4 | low)
            }
            let isText = bytes.allSatisfy {
                raw.isHexadecimalText ? (0x20...0x7e).contains($0) : isCapitalOrDigit($0)
            }
            if bytes.count * 2 == digits.count, isText { return trimmed(String(decoding: bytes, as: UTF8.self)) }
        }
        return trimmed(raw.text)
    }

    /// True for a filler that many meters share: nothing, zeros, `FF…`, `20…` (blanks), or a word of the profile's list.
    package static func isPlaceholder(_ text: String, words: Set<String>) -> Bool {
        let lower = text.lowercased()
        if words.contains(lower) || lower.allSatisfy({ $0 == "0" || $0 == " " }) || lower.allSatisfy({ $0 == "f" }) {
            return true
        }
        let bytes = Array(lower.utf8)
        return bytes.count % 2 == 0
            && stride(from: 0, to: bytes.count, by: 2).allSatisfy { bytes[$0] == 0x32 && bytes[$0 + 1] == 0x30 }
    }

    /// An id that came from a payload or a topic as one topic level.
    ///
    /// `A-Z0-9` is lower-cased, and so is hexadecimal, whose case has no meaning. Every other text is made to fit and
    /// gets a hash, so that different ids stay different and no payload adds a level or a wildcard.
    static func level(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isUpper = bytes.allSatisfy(isCapitalOrDigit)
        let isHexadecimal = bytes.allSatisfy { $0.hexadecimalDigit != nil && !(0x41...0x46).contains($0) }
        if !bytes.isEmpty, bytes.count <= 64, isUpper || isHexadecimal { return text.lowercased() }
        return fitted(text, hashing: [text])
    }

    /// An id that the user gave, as one topic level: unchanged when it is one already.
    package static func level(given text: String) -> String {
        let isLevel = !text.isEmpty && text.utf8.count <= 64 && text.utf8.allSatisfy(isLevelByte)
        return isLevel ? text : fitted(text, hashing: [text])
    }

    /// A level near `text`, without a hash; nil where no character of the text is left.
    package static func plain(_ text: String) -> String? {
        let level = fitted(text, hashing: [text]).dropLast(9)
        return level == "meter" ? nil : String(level)
    }

    /// A readable level from `text`, made unique by a hash over `parts`.
    package static func fitted(_ text: String, hashing parts: [String]) -> String {
        var level: [UInt8] = []
        for byte in text.lowercased().utf8 {
            if isLevelByte(byte), byte != UInt8(ascii: "-") {
                level.append(byte)
            } else if let last = level.last, last != UInt8(ascii: "-") {
                level.append(UInt8(ascii: "-"))
            }
            if level.count == 40 { break }
        }
        while level.last == UInt8(ascii: "-") { level.removeLast() }
        var checksum = Checksum()
        for part in parts { checksum.combine(part.utf8) }
        let name = level.isEmpty ? "meter" : String(decoding: level, as: UTF8.self)
        return "\(name)-\(checksum.hex.prefix(8))"
    }

    private static func isLevelByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isCapitalOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while text.first?.isWhitespace == true { text = text.dropFirst() }
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return String(text)
    }
}
