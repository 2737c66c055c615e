// SPDX-License-Identifier: Apache-2.0

/// Writes JSON into a growing buffer; commas come by themselves.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    mutating func object(_ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func array(_ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func string(_ text: String) {
        separate()
        Self.append(text, to: &bytes)
        needsComma = true
    }

    mutating func number(_ number: ExactDecimal) {
        separate()
        number.append(to: &bytes)
        needsComma = true
    }

    mutating func number(_ number: Int) { self.number(ExactDecimal(Int64(number))) }

    mutating func flag(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        needsComma = true
    }

    mutating func time(_ time: Timestamp) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        RFC3339.append(time, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// Writes the member only where there is a value: nothing is ever null.
    mutating func member(_ name: String, _ text: String?) {
        if let text { member(name, text) }
    }

    mutating func member(_ name: String, _ time: Timestamp) {
        key(name)
        self.time(time)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// Text in quotes. Control characters and the marks that turn the direction of writing are escaped: a serial from a
    /// payload must not move the cursor of a terminal or hide what stands behind it.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { utf8 in
            var index = 0
            while index < utf8.count {
                let byte = utf8[index]
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                    bytes.append(UInt8(ascii: "\\"))
                    bytes.append(byte)
                case 0..<0x20, 0x7f:
                    appendEscape(UInt16(byte), to: &bytes)
                case 0xc2 where index + 1 < utf8.count && utf8[index + 1] < 0xa0:
                    appendEscape(UInt16(utf8[index + 1]), to: &bytes)
                    index += 1
                case 0xe2 where index + 2 < utf8.count && isDirectionMark(utf8[index + 1], utf8[index + 2]):
                    appendEscape(
                        0x2000 | UInt16(utf8[index + 1] & 0x3f) << 6 | UInt16(utf8[index + 2] & 0x3f), to: &bytes)
                    index += 2
                default:
                    bytes.append(byte)
                }
                index += 1
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// U+200E, U+200F, U+2028…U+202E and U+2066…U+2069, by their second and third byte.
    private static func isDirectionMark(_ second: UInt8, _ third: UInt8) -> Bool {
        second == 0x80
            ? third == 0x8e || third == 0x8f || (0xa8...0xae).contains(third)
            : second == 0x81 && (0xa6...0xa9).contains(third)
    }

    private static func appendEscape(_ unit: UInt16, to bytes: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\u".utf8)
        for shift in stride(from: 12, through: 0, by: -4) { bytes.append(digits[Int(unit >> UInt16(shift) & 15)]) }
    }
}
