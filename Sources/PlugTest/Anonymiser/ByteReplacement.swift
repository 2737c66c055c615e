// SPDX-License-Identifier: Apache-2.0

/// Replaces words in bytes, the longest match first, and only whole words: a serial must not match inside a counter's
/// digits.
struct ByteReplacement {
    /// The words by first byte, longest first.
    private let words: [UInt8: [(from: [UInt8], to: [UInt8])]]

    init(_ pairs: [(from: String, to: String)]) {
        let bytes = pairs.map { (from: Array($0.from.utf8), to: Array($0.to.utf8)) }.filter { !$0.from.isEmpty }
        words = Dictionary(grouping: bytes, by: { $0.from[0] }).mapValues { group in
            group.sorted { ($1.from.count, $0.from.description) < ($0.from.count, $1.from.description) }
        }
    }

    func applied(to bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let word = words[bytes[index]]?.first { word in
                bytes[index...].starts(with: word.from) && Self.isWhole(bytes, index, index + word.from.count)
            }
            if let word {
                result += word.to
                index += word.from.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }

    /// False next to a letter, a digit, or a point with a digit, which is part of a number.
    private static func isWhole(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        if start > 0, isWord(bytes[start - 1]) { return false }
        if end < bytes.count, isWord(bytes[end]) { return false }
        if start > 1, bytes[start - 1] == UInt8(ascii: "."), isDigit(bytes[start - 2]) { return false }
        return !(end + 1 < bytes.count && bytes[end] == UInt8(ascii: ".") && isDigit(bytes[end + 1]))
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & 0xDF)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
