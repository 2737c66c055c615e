// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import Wire

/// The values of one message and what the message says about them, before a list defines their meaning.
///
/// The same value is reused for message after message, so that reading allocates no memory.
struct ListContent: Sendable {
    /// One value with its code.
    struct Entry: Sendable {
        var code: OBISCode
        /// The interface class of its object; 0 when the message does not contain it.
        var objectClass: Int64 = 0
        /// The attribute of the object: 2 is its value; 5 of class 4 is the capture time.
        var attribute: Int64 = 2
        /// The index of its element in `AXDR.elements`.
        var element: Int
        /// The power of ten in the message.
        var scaler: Int?
        /// The unit in the message.
        var unit: UInt8?
    }

    private(set) var shape = ListShape.positional
    /// The values with codes; empty for a positional list.
    private(set) var entries: [Entry] = []
    /// The index of each value in `AXDR.elements`.
    private(set) var values: [Int] = []
    /// The type letter of each value.
    private(set) var letters: [UInt8] = []
    /// The position of the list's version: its first text, or 0.2.129.
    private(set) var version: Range<Int>?
    /// The position of the logical device name.
    private(set) var device: Range<Int>?
    /// The position of a text after all registers of a flat list: the meter's id.
    private(set) var trailer: Range<Int>?
    /// The position of the meter's clock.
    private(set) var clock: Int?
    /// The parsed elements.
    private(set) var axdr = AXDR()

    /// Reads a body from `start` to `end`.
    mutating func read(_ bytes: [UInt8], from start: Int, to end: Int, leniency: AXDR.Leniency) -> AXDR.Outcome {
        reset()
        if let outcome = readUntagged(bytes, from: start, to: end) { return outcome }
        let outcome = axdr.read(bytes, from: start, to: end, leniency: leniency)
        guard case .whole = outcome else { return outcome }
        reset()
        guard element(0).isGroup else {
            // Some meters send a single value instead of a list.
            shape = .positional
            addValue(0, bytes)
            return outcome
        }
        if readPush(bytes) {
            shape = .push
        } else {
            reset()
            if !readCoded(bytes) {
                reset()
                shape = .positional
                forEachChild(of: 0) { content, index in content.addValue(index, bytes) }
            }
        }
        findNames(bytes)
        return outcome
    }

    private mutating func reset() {
        entries.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        letters.removeAll(keepingCapacity: true)
        version = nil
        device = nil
        trailer = nil
        clock = nil
    }

    /// The element at an index.
    func element(_ index: Int) -> AXDR.Element { axdr.elements[index] }

    // MARK: - Shapes

    /// Reads an array of {class, code, attribute, index …} and as many values, or one less when the push setup itself
    /// is not sent.
    private mutating func readPush(_ bytes: [UInt8]) -> Bool {
        let root = element(0)
        guard root.tag == 2, root.count >= 1 else { return false }
        let array = element(1)
        guard array.tag == 1, array.count > 0, isDescription(2, bytes) else { return false }
        // The push setup is often described but not sent.
        let missing = Int(array.count) - (Int(root.count) - 1)
        guard missing == 0 || missing == 1 else { return false }
        var value = Int(array.next)
        var isFirst = true
        var index = 2
        for _ in 0..<array.count {
            guard isDescription(index, bytes) else { return false }
            let object = element(index + 1).integer(bytes) ?? 0
            let isLeftOut = isFirst && missing == 1
            isFirst = false
            if isLeftOut {
                if object != Self.pushSetup { return false }
            } else {
                entries.append(
                    Entry(
                        code: Self.code(bytes, Int(element(index + 2).start)), objectClass: object,
                        attribute: element(index + 3).integer(bytes) ?? 0, element: value))
                addValue(value, bytes)
                value = Int(element(value).next)
            }
            index = Int(element(index).next)
        }
        return true
    }

    private func isDescription(_ index: Int, _ bytes: [UInt8]) -> Bool {
        guard index + 3 < axdr.elements.count else { return false }
        let group = element(index)
        return group.tag == 2 && group.count >= 4 && element(index + 1).tag == 0x12 && element(index + 2).tag == 9
            && element(index + 2).size == 6 && element(index + 3).tag == 0x0F
    }

    /// Reads `02 02 16 xx 01 n`, then n times `02 02`, class, code and attribute without tags, and the value. Plain
    /// A-XDR would read a null and an empty array.
    private mutating func readUntagged(_ bytes: [UInt8], from start: Int, to end: Int) -> AXDR.Outcome? {
        guard start + 8 < end, bytes[start] == 2, bytes[start + 1] == 2, bytes[start + 2] == 0x16,
            bytes[start + 4] == 1, bytes[start + 6] == 2, bytes[start + 7] == 2, bytes[start + 8] == 0
        else { return nil }
        var index = start + 6
        axdr.clear()
        for _ in 0..<bytes[start + 5] {
            guard index + 11 < end else { return .open }
            guard bytes[index] == 2, bytes[index + 1] == 2 else { return nil }
            let object = Int64(bytes[index + 2]) << 8 | Int64(bytes[index + 3])
            let place = axdr.elements.count
            let outcome = axdr.readNext(bytes, from: index + 11, to: end)
            guard case .whole(let next) = outcome else { return outcome == .open ? .open : nil }
            entries.append(
                Entry(
                    code: Self.code(bytes, index + 4), objectClass: object, attribute: Int64(bytes[index + 10]),
                    element: place))
            addValue(place, bytes)
            index = next
        }
        guard index == end else { return nil }
        shape = .untagged
        findNames(bytes)
        return .whole(end: end)
    }

    /// Reads registers with codes, each in a structure of its own or one after the other. False when a number has no
    /// code.
    private mutating func readCoded(_ bytes: [UInt8]) -> Bool {
        // A structure that contains only an array, as with a compact array.
        let isNested = element(0).count == 1 && element(1).tag == 1
        var index = isNested ? 2 : 1
        var isFlat = false
        var isTriple = false
        let end = Int(element(0).next)
        while index < end {
            let child = element(index)
            if child.isGroup {
                guard readTriple(index, bytes) else { return false }
                isTriple = true
            } else if isCode(child, bytes), Int(child.next) < end, isValue(Int(child.next), bytes) {
                var entry = Entry(code: Self.code(bytes, Int(child.start)), element: Int(child.next))
                addValue(entry.element, bytes)
                index = Int(element(entry.element).next)
                if index < end, let (scaler, unit) = scale(index, bytes) {
                    entry.scaler = scaler
                    entry.unit = unit
                    index = Int(element(index).next)
                }
                entries.append(entry)
                isFlat = true
                continue
            } else if child.isOctets {
                if child.size == COSEMTime.size, clock == nil, COSEMTime(bytes, at: Int(child.start)) != nil {
                    clock = Int(child.start)
                } else if entries.isEmpty, version == nil {
                    version = child.range
                } else {
                    trailer = child.range
                }
            } else if child.tag == 0x19 {
                clock = Int(child.start)
            } else {
                return false
            }
            index = Int(child.next)
        }
        shape = isFlat && !isTriple ? .flat : .triple
        // A single code before a clock is the push setup of a list without codes.
        return entries.contains { element($0.element).isInteger || element($0.element).tag == 0x17 }
    }

    /// Reads {code, value [, {scaler, unit}]}, with or without the class of the object before it.
    private mutating func readTriple(_ group: Int, _ bytes: [UInt8]) -> Bool {
        let end = Int(element(group).next)
        var index = group + 1
        var object: Int64 = 0
        guard index < end else { return false }
        if element(index).tag == 0x12, index + 1 < end, isCode(element(index + 1), bytes) {
            object = element(index).integer(bytes) ?? 0
            index += 1
        }
        guard isCode(element(index), bytes), index + 1 < end else { return false }
        var entry = Entry(code: Self.code(bytes, Int(element(index).start)), objectClass: object, element: index + 1)
        let scale = Int(element(index + 1).next)
        if scale < end {
            guard let (scaler, unit) = self.scale(scale, bytes), Int(element(scale).next) == end else { return false }
            entry.scaler = scaler
            entry.unit = unit
        }
        entries.append(entry)
        addValue(entry.element, bytes)
        return true
    }

    /// {scaler, unit}; nil for anything else.
    private func scale(_ index: Int, _ bytes: [UInt8]) -> (Int, UInt8)? {
        let group = element(index)
        guard group.tag == 2, group.count == 2, element(index + 1).tag == 0x0F, element(index + 2).tag == 0x16,
            let scaler = element(index + 1).integer(bytes), let unit = element(index + 2).integer(bytes)
        else { return nil }
        return (Int(scaler), UInt8(truncatingIfNeeded: unit))
    }

    /// True for six octets that can be a code: other texts of that length have another medium, or do not end in FF.
    private func isCode(_ element: AXDR.Element, _ bytes: [UInt8]) -> Bool {
        guard element.tag == 9, element.size == 6 else { return false }
        let first = bytes[Int(element.start)]
        return (first <= 15 || first >= 128) && bytes[Int(element.end) - 1] == 0xFF
    }

    private func isValue(_ index: Int, _ bytes: [UInt8]) -> Bool {
        let element = element(index)
        return !element.isGroup && !isCode(element, bytes)
    }

    // MARK: - Values

    private mutating func forEachChild(of group: Int, _ body: (inout ListContent, Int) -> Void) {
        var index = group + 1
        let end = Int(element(group).next)
        while index < end {
            body(&self, index)
            index = Int(element(index).next)
        }
    }

    private mutating func addValue(_ index: Int, _ bytes: [UInt8]) {
        values.append(index)
        letters.append(Self.letter(of: element(index), bytes))
    }

    /// Finds the version, device and clock in the message.
    private mutating func findNames(_ bytes: [UInt8]) {
        for entry in entries {
            let element = element(entry.element)
            switch (entry.code.c, entry.code.d, entry.code.e) {
            case (0, 2, 129) where element.isOctets: version = element.range
            case (42, 0, 0) where element.isOctets: device = element.range
            case (1, 0, 0) where entry.code.a == 0:
                if element.size == COSEMTime.size { clock = Int(element.start) }
            default: break
            }
        }
    }

    /// The type letter of a value: `s` text, `t` clock, `o` other octets, `y` `w` `u` `n` unsigned with 1, 2, 4 and 8
    /// bytes, `i` signed, `e` enumeration, `b` boolean, `f` float, `a` a group, `0` nothing.
    static func letter(of element: AXDR.Element, _ bytes: [UInt8]) -> UInt8 {
        let letter: Unicode.Scalar =
            switch element.tag {
            case 0x09, 0x0A, 0x0C: octets(element, bytes)
            case 0x11: "y"
            case 0x12: "w"
            case 0x06: "u"
            case 0x15: "n"
            case 0x05, 0x0F, 0x10, 0x14: "i"
            case 0x16: "e"
            case 0x03: "b"
            case 0x17, 0x18: "f"
            case 0x19: "t"
            case 0x01, 0x02: "a"
            case 0x00, 0xFF: "0"
            default: "o"
            }
        return UInt8(ascii: letter)
    }

    private static func octets(_ element: AXDR.Element, _ bytes: [UInt8]) -> Unicode.Scalar {
        if element.size == COSEMTime.size, COSEMTime(bytes, at: Int(element.start)) != nil { return "t" }
        return ListText.isText(bytes, element.range) ? "s" : "o"
    }

    /// The code from six bytes.
    static func code(_ bytes: [UInt8], _ start: Int) -> OBISCode {
        OBISCode(
            bytes[start], bytes[start + 1], bytes[start + 2], bytes[start + 3], bytes[start + 4],
            stored: bytes[start + 5])
    }

    /// The interface class of the push setup.
    static let pushSetup: Int64 = 40
}

/// Octets as text.
enum ListText {
    /// True for printable ASCII, ignoring trailing NULs.
    static func isText(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        let range = unpadded(bytes, range)
        guard !range.isEmpty else { return false }
        for index in range where bytes[index] < 0x20 || bytes[index] > 0x7E { return false }
        return true
    }

    /// The text, or hexadecimal digits when the octets are not text.
    static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        if isText(bytes, range) { return String(decoding: bytes[unpadded(bytes, range)], as: UTF8.self) }
        return hexadecimal(bytes, range)
    }

    /// Two digits per byte.
    static func hexadecimal(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * range.count)
        for index in range {
            text.append(digits[Int(bytes[index] >> 4)])
            text.append(digits[Int(bytes[index] & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The range without trailing NULs.
    private static func unpadded(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        var end = range.upperBound
        while end > range.lowerBound, bytes[end - 1] == 0 { end -= 1 }
        return range.lowerBound..<end
    }
}
