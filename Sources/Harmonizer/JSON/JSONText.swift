// SPDX-License-Identifier: Apache-2.0

/// A key, a string or a number as bytes of the payload; a `String` is made only on request.
package struct JSONText: Sendable {
    private let tape: JSONTape
    private let range: JSONTape.ByteRange

    init(tape: JSONTape, range: JSONTape.ByteRange) {
        self.tape = tape
        self.range = range
    }

    /// True for `""`.
    package var isEmpty: Bool { range.start == range.end }

    /// The text with its escapes resolved. Bytes that are not UTF-8 become U+FFFD.
    package var string: String {
        withBytes { range.hasEscapes ? Self.unescape($0) : String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes as they are in the payload, escapes not resolved.
    package func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        tape.bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[Int(range.start)..<Int(range.end)]))
        }
    }

    /// The raw bytes packed into one number, where there are at most seven: equal numbers are equal texts. Nil for a
    /// longer text.
    package var short: UInt64? { withBytes(Self.short) }

    /// `short` of other bytes.
    package static func short(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
        guard bytes.count < 8 else { return nil }
        var number = UInt64(bytes.count)
        for byte in bytes { number = number << 8 | UInt64(byte) }
        return number
    }

    /// True when the raw bytes are these.
    package func equals(_ bytes: [UInt8]) -> Bool {
        withBytes { own in
            bytes.withUnsafeBufferPointer { own.count == $0.count && memoryEquals(own, $0) }
        }
    }

    /// True when the raw bytes are those of a text.
    package func equals(_ text: String) -> Bool {
        var text = text
        return withBytes { bytes in
            text.withUTF8 { utf8 in bytes.count == utf8.count && memoryEquals(bytes, utf8) }
        }
    }

    package static func == (text: JSONText, other: StaticString) -> Bool {
        text.withBytes { bytes in
            other.withUTF8Buffer { bytes.count == $0.count && memoryEquals(bytes, $0) }
        }
    }

    private static func unescape(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        var units: [UInt8] = []
        units.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                units.append(byte)
                index += 1
                continue
            }
            index += 2
            switch bytes[index - 1] {
            case UInt8(ascii: "\""): units.append(UInt8(ascii: "\""))
            case UInt8(ascii: "\\"): units.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "/"): units.append(UInt8(ascii: "/"))
            case UInt8(ascii: "b"): units.append(8)
            case UInt8(ascii: "f"): units.append(12)
            case UInt8(ascii: "n"): units.append(10)
            case UInt8(ascii: "r"): units.append(13)
            case UInt8(ascii: "t"): units.append(9)
            case UInt8(ascii: "u"):
                if let scalar = unicodeScalar(bytes, &index) {
                    units.append(contentsOf: String(Character(scalar)).utf8)
                } else {
                    units += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
                }
            default:
                // The backslash is kept, and so is the byte behind it.
                units.append(UInt8(ascii: "\\"))
                index -= 1
            }
        }
        return String(decoding: units, as: UTF8.self)
    }

    /// The scalar of the digits behind `\u`, both halves of a surrogate pair together. A lone half becomes U+FFFD; nil, and
    /// `index` unmoved, when there are not four digits.
    private static func unicodeScalar(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Unicode.Scalar? {
        guard let first = JSONParser.fourHexadecimalDigits(bytes, index) else { return nil }
        index += 4
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u"),
            let second = JSONParser.fourHexadecimalDigits(bytes, index + 2), (0xDC00..<0xE000).contains(second)
        else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }
}

/// True when two texts of the same length have the same bytes: a plain loop, which for a label of three letters is faster than
/// any function of a library.
private func memoryEquals(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
    for index in one.indices where one[index] != other[index] { return false }
    return true
}
