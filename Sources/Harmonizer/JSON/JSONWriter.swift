// SPDX-License-Identifier: Apache-2.0

/// Writes JSON into a growing buffer, and inserts commas automatically.
package struct JSONWriter {
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    package init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    package mutating func object(_ content: (inout JSONWriter) -> Void) {
        beginObject()
        content(&self)
        endObject()
    }

    /// Opens an object that `endObject` closes.
    package mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// `"1-0:1.7.0":{"value":42,"unit":"W"`, in one piece: most published registers begin like that. The object stays
    /// open.
    mutating func begin(_ obis: OBISCode, _ number: ExactDecimal, _ unit: Unit?) {
        // A unit that is not in the table may need escapes.
        let symbol = unit?.knownSymbol
        let comma = needsComma
        bytes.append(upTo: Self.longestBegin + number.longestText) { cursor in
            Self.begin(obis, number, symbol, comma, to: &cursor)
        }
        needsComma = true
        if symbol == nil { member("unit", unit?.symbol) }
    }

    /// Registers that are numbers in units of the table, or without one, in one piece.
    mutating func plain(_ values: Span<RegisterValue>, from start: Int, to end: Int) {
        var room = 0
        for index in start..<end { room += Self.room(values[index].plain, hasTime: values[index].time != nil) }
        let comma = needsComma
        bytes.append(upTo: room) { cursor in
            for index in start..<end {
                let value = values[index].plain
                Self.plain(value, time: value.time, comma || index > start, to: &cursor)
            }
        }
        needsComma = true
    }

    /// One such register, with a time of its own.
    mutating func plain(_ value: RegisterValue.Plain, time: Timestamp?) {
        let comma = needsComma
        bytes.append(upTo: Self.room(value, hasTime: time != nil)) { Self.plain(value, time: time, comma, to: &$0) }
        needsComma = true
    }

    /// Members that need at most `room` bytes and no escape; `write` puts a comma before each where `comma` is true.
    mutating func words(upTo room: Int, _ write: (inout ByteCursor, _ comma: inout Bool) -> Void) {
        var comma = needsComma
        bytes.append(upTo: room) { write(&$0, &comma) }
        needsComma = comma
    }

    private static func room(_ value: RegisterValue.Plain, hasTime: Bool) -> Int {
        longestBegin + (hasTime ? RFC3339.longest + 10 : 0) + 20 + value.number.longestText
    }

    @inline(__always) private static func plain(
        _ value: RegisterValue.Plain, time: Timestamp?, _ comma: Bool, to cursor: inout ByteCursor
    ) {
        begin(value.obis, value.number, value.symbol, comma, to: &cursor)
        if let time {
            cursor.put(",\"time\":\"")
            RFC3339.append(time, to: &cursor)
            cursor.put(UInt8(ascii: "\""))
        }
        if value.isDerived { cursor.put(",\"derived\":true") }
        cursor.put(UInt8(ascii: "}"))
    }

    /// Bytes of a register with its unit, without the number.
    private static let longestBegin = OBISCode.longest + 40

    @inline(__always) private static func begin(
        _ obis: OBISCode, _ number: ExactDecimal, _ symbol: StaticString?, _ comma: Bool, to cursor: inout ByteCursor
    ) {
        if comma { cursor.put(UInt8(ascii: ",")) }
        cursor.put(UInt8(ascii: "\""))
        obis.append(to: &cursor)
        cursor.put("\":{\"value\":")
        number.append(to: &cursor)
        guard let symbol else { return }
        cursor.put(",\"unit\":\"")
        cursor.put(symbol)
        cursor.put(UInt8(ascii: "\""))
    }

    package mutating func array(_ content: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "["))
        needsComma = false
        content(&self)
        bytes.append(UInt8(ascii: "]"))
        needsComma = true
    }

    /// A member's name from a literal of the program: nothing in it needs an escape.
    package mutating func key(_ name: StaticString) {
        let comma = needsComma
        bytes.append(upTo: name.utf8CodeUnitCount + 4) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(UInt8(ascii: "\""))
            cursor.put(name)
            cursor.put(UInt8(ascii: "\""))
            cursor.put(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    /// A member's name that is not a literal of the program.
    package mutating func key(named name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func key(_ obis: OBISCode) {
        let comma = needsComma
        bytes.append(upTo: OBISCode.longest + 4) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(UInt8(ascii: "\""))
            obis.append(to: &cursor)
            cursor.put(UInt8(ascii: "\""))
            cursor.put(UInt8(ascii: ":"))
        }
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        Self.append(text, to: &bytes)
        needsComma = true
    }

    package mutating func number(_ number: ExactDecimal) {
        let comma = needsComma
        bytes.append(upTo: number.longestText + 1) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            number.append(to: &cursor)
        }
        needsComma = true
    }

    package mutating func number(_ number: Int) { self.number(ExactDecimal(Int64(number))) }

    package mutating func flag(_ flag: Bool) {
        separate()
        bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        needsComma = true
    }

    package mutating func time(_ time: Timestamp) {
        let comma = needsComma
        bytes.append(upTo: RFC3339.longest + 3) { cursor in
            if comma { cursor.put(UInt8(ascii: ",")) }
            cursor.put(UInt8(ascii: "\""))
            RFC3339.append(time, to: &cursor)
            cursor.put(UInt8(ascii: "\""))
        }
        needsComma = true
    }

    package mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    /// Writes the member only where there is a value: nothing is ever null.
    package mutating func member(_ name: StaticString, _ text: String?) {
        if let text { member(name, text) }
    }

    package mutating func member(_ name: StaticString, _ flag: Bool) {
        key(name)
        self.flag(flag)
    }

    package mutating func member(_ name: StaticString, _ time: Timestamp) {
        key(name)
        self.time(time)
    }

    package mutating func member(named name: String, _ text: String) {
        key(named: name)
        string(text)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// A member whose name is not a literal of the program.
    package mutating func member(named name: String, _ number: ExactDecimal) {
        key(named: name)
        self.number(number)
    }

    /// Text in quotes. Control characters and other characters that are invisible or change the direction of writing
    /// are escaped: a serial from a payload must not move the cursor of a terminal or hide the text behind it.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { utf8 in
            // Nearly every text needs no escape and is copied in one piece.
            guard mayNeedEscape(utf8) else {
                bytes.append(upTo: utf8.count + 2) { cursor in
                    cursor.put(UInt8(ascii: "\""))
                    cursor.put(utf8)
                    cursor.put(UInt8(ascii: "\""))
                }
                return
            }
            bytes.append(UInt8(ascii: "\""))
            var copied = 0
            var index = 0
            while index < utf8.count {
                guard let (scalar, length) = escaped(utf8, index) else {
                    index += 1
                    continue
                }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied..<index]))
                appendEscape(scalar, to: &bytes)
                index += length
                copied = index
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[copied...]))
            bytes.append(UInt8(ascii: "\""))
        }
    }

    /// False for a text of plain ASCII only; checks eight bytes at a time.
    private static func mayNeedEscape(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(utf8)
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let ones: UInt64 = 0x0101_0101_0101_0101
            /// The high bit of each byte that is zero, and perhaps of some behind it; of a byte with its high bit set none.
            func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
            let control = (word &- 0x20 &* ones) & ~word
            let suspects = word | (word &+ ones) | control | zeros(word ^ 0x22 &* ones) | zeros(word ^ 0x5c &* ones)
            guard suspects & (0x80 &* ones) == 0 else { return utf8[index...].contains(where: mayNeedEscape) }
            index += 8
        }
        while index < utf8.count {
            if mayNeedEscape(utf8[index]) { return true }
            index += 1
        }
        return false
    }

    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The character at `index` that has to be escaped, with its length in bytes; nil when there is none. The bytes are a valid
    /// text.
    private static func escaped(_ utf8: UnsafeBufferPointer<UInt8>, _ index: Int) -> (Unicode.Scalar, Int)? {
        let lead = utf8[index]
        switch lead {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x7f: return (Unicode.Scalar(lead), 1)
        case 0xc2...:
            let length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
            guard index + length <= utf8.count else { return nil }
            var value = UInt32(lead) & (0x7f >> UInt32(length))
            for next in utf8[(index + 1)..<(index + length)] { value = value << 6 | UInt32(next & 0x3f) }
            guard let scalar = Unicode.Scalar(value), Printable.isInvisible(scalar) else { return nil }
            return (scalar, length)
        default: return nil
        }
    }

    private static func appendEscape(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        if scalar == "\"" || scalar == "\\" {
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            return
        }
        let digits: StaticString = "0123456789abcdef"
        for unit in UTF16.encode(scalar) ?? .init() {
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(ascii: "u"))
            for shift in stride(from: 12, through: 0, by: -4) {
                bytes.append(digits.utf8Start[Int(unit >> UInt16(shift) & 15)])
            }
        }
    }
}
