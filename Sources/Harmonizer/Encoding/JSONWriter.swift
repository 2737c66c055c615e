// SPDX-License-Identifier: Apache-2.0

/// Writes JSON into a growing buffer; commas come by themselves.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    package mutating func object(_ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    package mutating func array(_ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    package mutating func key(_ key: String) {
        string(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func key(_ obis: OBISCode) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        obis.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        Self.append(text, to: &bytes)
        needsComma = true
    }

    package mutating func number(_ number: ExactDecimal) {
        separate()
        number.append(to: &bytes)
        needsComma = true
    }

    package mutating func number(_ number: Int) { self.number(ExactDecimal(Int64(number))) }

    package mutating func flag(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        needsComma = true
    }

    package mutating func time(_ time: Timestamp) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        RFC3339.append(time, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    package mutating func member(_ name: String, _ text: String) {
        key(name)
        string(text)
    }

    /// Writes the member only where there is a value: nothing is ever null.
    package mutating func member(_ name: String, _ text: String?) {
        if let text { member(name, text) }
    }

    package mutating func member(_ name: String, _ time: Timestamp) {
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
            // Nearly every text needs no escape and is copied in one piece.
            var copied = 0
            var index = 0
            while index < utf8.count {
                guard let length = escapedLength(utf8, index) else {
                    index += 1
                    continue
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied..<index]))
                appendEscape(UnsafeBufferPointer(rebasing: utf8[index..<index + length]), to: &bytes)
                index += length
                copied = index
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// How many bytes from `index` on are one character that has to be escaped; nil when there is none.
    private static func escapedLength(_ utf8: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
        switch utf8[index] {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7f: 1
        case 0xc2 where index + 1 < utf8.count && utf8[index + 1] < 0xa0: 2
        case 0xe2 where index + 2 < utf8.count && isDirectionMark(utf8[index + 1], utf8[index + 2]): 3
        default: nil
        }
    }

    /// U+200E, U+200F, U+2028…U+202E and U+2066…U+2069, by their second and third byte.
    private static func isDirectionMark(_ second: UInt8, _ third: UInt8) -> Bool {
        second == 0x80
            ? third == 0x8e || third == 0x8f || (0xa8...0xae).contains(third)
            : second == 0x81 && (0xa6...0xa9).contains(third)
    }

    private static func appendEscape(_ character: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        let first = character[0]
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "\\") {
            bytes.append(first)
            return
        }
        let unit: UInt16 =
            switch character.count {
            case 1: UInt16(first)
            case 2: UInt16(character[1])
            default: 0x2000 | UInt16(character[1] & 0x3f) << 6 | UInt16(character[2] & 0x3f)
            }
        bytes.append(UInt8(ascii: "u"))
        let digits: StaticString = "0123456789abcdef"
        for shift in stride(from: 12, through: 0, by: -4) {
            bytes.append(digits.utf8Start[Int(unit >> UInt16(shift) & 15)])
        }
    }
}
