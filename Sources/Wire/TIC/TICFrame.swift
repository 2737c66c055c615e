// SPDX-License-Identifier: Apache-2.0

/// A frame of the customer port of French meters (Enedis-NOI-CPT_54E): `02`, groups `0A label … checksum 0D`, `03`.
package struct TICFrame: Sendable, Equatable {
    /// The whole frame.
    package let range: Range<Int>
    /// The mode of the frame.
    package let mode: Mode

    /// The two formats of groups.
    package enum Mode: Sendable, Equatable {
        /// Blanks between the fields, 1200 Bd.
        case historic
        /// Tabs between the fields, 9600 Bd, and in some groups a date.
        case standard

        fileprivate var separator: UInt8 { self == .historic ? 0x20 : 0x09 }
    }

    /// One line: its label, its date where it has one, its value.
    package struct Group: Sendable, Equatable {
        package let label: Range<Int>
        package let date: Range<Int>?
        package let value: Range<Int>
    }

    /// The first byte.
    package static let start: UInt8 = 0x02
    /// Larger than any frame.
    package static let limit = 4096

    /// Reads a frame at `start`. Bit 7 is the line's parity and is ignored.
    ///
    /// Each group has a checksum of its own, of six bits; a wrong one makes the whole frame damaged, as does a
    /// character that no group may contain.
    package static func find(in bytes: [UInt8], from start: Int) -> Found<TICFrame> {
        let count = bytes.count
        guard start < count, bytes[start] & 0x7F == Self.start else { return .nothing }
        guard start + 1 < count else { return .open(total: nil) }
        guard bytes[start + 1] & 0x7F == 0x0A else { return .nothing }
        guard start + 2 < count else { return .open(total: nil) }
        guard isLabel(bytes[start + 2] & 0x7F) else { return .nothing }
        var end = start + 2
        while end < count, bytes[end] & 0x7F != 0x03 {
            // A new frame begins before this one ends.
            if bytes[end] & 0x7F == Self.start { return .damaged }
            end += 1
            if end - start > limit { return .damaged }
        }
        guard end < count else { return .open(total: nil) }
        var mode: Mode?
        var index = start + 1
        while index < end {
            guard let (group, found, next) = group(in: bytes, from: index, end: end), mode == nil || mode == found,
                !group.label.isEmpty
            else { return .damaged }
            mode = found
            index = next
        }
        guard let mode else { return .damaged }
        return .frame(TICFrame(range: start..<end + 1, mode: mode))
    }

    /// Calls `body` with each group.
    package func forEachGroup(in bytes: [UInt8], _ body: (Group) -> Void) {
        var index = range.lowerBound + 1
        while index < range.upperBound - 1,
            let (group, _, next) = Self.group(in: bytes, from: index, end: range.upperBound - 1)
        {
            body(group)
            index = next
        }
    }

    /// One group with a correct checksum, its mode, and the position after it.
    private static func group(
        in bytes: [UInt8], from start: Int, end: Int
    ) -> (Group, Mode, next: Int)? {
        guard bytes[start] & 0x7F == 0x0A else { return nil }
        var stop = start + 1
        while stop < end, bytes[stop] & 0x7F != 0x0D { stop += 1 }
        // At least a label, a separator, an empty value, a separator and the checksum.
        guard stop < end, stop - start >= 5 else { return nil }
        let checksum = bytes[stop - 1] & 0x7F
        let separator = bytes[stop - 2] & 0x7F
        let mode: Mode
        switch separator {
        case Mode.historic.separator: mode = .historic
        case Mode.standard.separator: mode = .standard
        default: return nil
        }
        // In historic mode the checksum excludes the last separator, in standard mode it includes it.
        let summed = start + 1..<(mode == .historic ? stop - 2 : stop - 1)
        var sum = 0
        var separators: (Int?, Int?) = (nil, nil)
        for index in summed {
            let byte = bytes[index] & 0x7F
            sum += Int(byte)
            if byte == separator {
                if separators.0 == nil {
                    separators.0 = index
                } else if index < stop - 2 {
                    separators.1 = separators.1 ?? index
                }
            } else if byte < 0x20 || byte == 0x7F {
                return nil
            }
        }
        guard UInt8(sum & 0x3F) + 0x20 == checksum, let first = separators.0, first < stop - 2,
            // No label is longer; a longer one has lost its separator.
            first - start <= 11
        else { return nil }
        for index in start + 1..<first where !isLabel(bytes[index] & 0x7F) { return nil }
        let date = mode == .standard ? separators.1.map { first + 1..<$0 } : nil
        if let date, !isDate(bytes, date) { return nil }
        let value = (date?.upperBound ?? first) + 1..<stop - 2
        return (Group(label: start + 1..<first, date: date, value: value), mode, stop + 1)
    }

    /// True for a letter or blank for the season and twelve digits.
    private static func isDate(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count == 13 else { return false }
        let season = bytes[range.lowerBound] & 0x5F
        guard season == UInt8(ascii: "E") || season == UInt8(ascii: "H") || season == 0 else { return false }
        return bytes[range.dropFirst()].allSatisfy { ($0 & 0x7F) &- UInt8(ascii: "0") <= 9 }
    }

    private static func isLabel(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "+"):
            true
        default: false
        }
    }
}
