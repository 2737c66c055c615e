// SPDX-License-Identifier: Apache-2.0

/// Reads the messages of an SML file (BSI TR-03109-1, Annex IV) and keeps the contents of its lists of values.
///
/// The same value is reused for file after file, so that reading allocates no memory.
package struct SMLReader: Sendable {
    /// One value of a list, with its code.
    package struct Entry: Sendable, Equatable {
        /// The six bytes of its OBIS code.
        package var code: Range<Int>
        /// The status word; nil when there is none.
        package var status: UInt64?
        /// The unit's number.
        package var unit: UInt8?
        /// The power of ten.
        package var scaler: Int
        package var value: Value
        /// When the value was taken; nil when the meter does not report it.
        package var time: Time?
    }

    /// A value.
    package enum Value: Sendable, Equatable {
        case octets(Range<Int>)
        case boolean(Bool)
        /// `bytes` is its size on the wire: some meters send a wrong sign.
        case integer(Int64, bytes: Int, isSigned: Bool)
        /// A list, or no value.
        case other
    }

    /// A time in SML.
    package enum Time: Sendable, Equatable {
        /// Seconds since the meter was installed or switched on: not a time of day.
        case index(UInt64)
        /// Seconds since 1970, UTC.
        case epoch(UInt64)
    }

    /// An error in a file.
    package enum Fault: Error, Sendable, Equatable {
        /// A message's CRC is wrong although the file's is right: a forwarding device changed it.
        case messageChecksum(at: Int)
        /// The bytes are not an SML message.
        case malformed(at: Int)
        /// The last message is incomplete.
        case open
    }

    /// The values of all lists in the order of the wire.
    package private(set) var entries: [Entry] = []
    /// The server id; nil when no list names one.
    package private(set) var server: Range<Int>?
    /// The list's own time.
    package private(set) var time: Time?
    /// True when the file had a list of values.
    package private(set) var hasList = false

    /// Limits, far above the files of real meters.
    package static let deepest = 8
    package static let most = 512

    package init() {}

    /// Reads all messages in a part of bytes.
    ///
    /// - Parameter checksum: the kind of CRC in the messages; nil to find it out.
    package mutating func read(_ bytes: [UInt8], _ range: Range<Int>, checksum: SMLChecksum?) throws(Fault) {
        entries.removeAll(keepingCapacity: true)
        server = nil
        time = nil
        hasList = false
        var index = range.lowerBound
        while index < range.upperBound {
            // Zeros fill the file to a multiple of 4.
            if bytes[index] == 0 {
                index += 1
                continue
            }
            try message(bytes, &index, range.upperBound, checksum)
        }
    }

    private mutating func message(
        _ bytes: [UInt8], _ index: inout Int, _ end: Int, _ checksum: SMLChecksum?
    ) throws(Fault) {
        let start = index
        guard try element(bytes, &index, end) == Element(.list, 6) else { throw .malformed(at: start) }
        for _ in 0..<3 { try skip(bytes, &index, end, depth: 0) }
        guard try element(bytes, &index, end) == Element(.list, 2) else { throw .malformed(at: index) }
        let tag = try unsigned(bytes, &index, end)
        let body = index
        try skip(bytes, &index, end, depth: 0)
        let checked = index
        guard let sent = try unsigned(bytes, &index, end) else { throw .malformed(at: index) }
        guard index < end else { throw .open }
        guard bytes[index] == 0 else { throw .malformed(at: index) }
        index += 1
        let number = UInt16(truncatingIfNeeded: sent)
        let isRight =
            checksum.map { $0.fits(bytes, start..<checked, sent: number) }
            ?? SMLChecksum.allCases.contains { $0.fits(bytes, start..<checked, sent: number) }
        guard isRight else { throw .messageChecksum(at: start) }
        if tag == 0x701 {
            var place = body
            try list(bytes, &place, checked)
        }
    }

    /// A list of values: client, server, name, time, entries, signature, gateway time.
    private mutating func list(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) {
        guard try element(bytes, &index, end) == Element(.list, 7) else { throw .malformed(at: index) }
        hasList = true
        try skip(bytes, &index, end, depth: 0)
        if let octets = try octets(bytes, &index, end), !octets.isEmpty { server = server ?? octets }
        try skip(bytes, &index, end, depth: 0)
        if let found = try time(bytes, &index, end) { time = time ?? found }
        let values = try element(bytes, &index, end)
        guard values.type == .list else { throw .malformed(at: index) }
        for _ in 0..<values.length { try entry(bytes, &index, end) }
    }

    private mutating func entry(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) {
        let start = index
        guard try element(bytes, &index, end) == Element(.list, 7) else { throw .malformed(at: start) }
        guard let code = try octets(bytes, &index, end), code.count == 6 else { throw .malformed(at: start) }
        let status = try unsigned(bytes, &index, end)
        let time = try time(bytes, &index, end)
        let unit = try unsigned(bytes, &index, end)
        let scaler = try integer(bytes, &index, end)
        let value = try value(bytes, &index, end)
        try skip(bytes, &index, end, depth: 0)
        guard entries.count < Self.most else { throw .malformed(at: start) }
        entries.append(
            Entry(
                code: code, status: status, unit: unit.flatMap { UInt8(exactly: $0) }, scaler: Int(scaler ?? 0),
                value: value, time: time))
    }

    // MARK: - Elements

    private enum Kind: Equatable { case octets, boolean, integer, unsigned, list }

    /// The header of an element: its type and its length, in bytes or, for a list, in elements.
    private struct Element: Equatable {
        var type: Kind
        var length: Int

        init(_ type: Kind, _ length: Int) {
            self.type = type
            self.length = length
        }
    }

    private func element(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) -> Element {
        guard index < end else { throw .open }
        let start = index
        var byte = bytes[index]
        let type: Kind
        switch byte >> 4 & 7 {
        case 0: type = .octets
        case 4: type = .boolean
        case 5: type = .integer
        case 6: type = .unsigned
        case 7: type = .list
        default: throw .malformed(at: index)
        }
        var length = Int(byte & 0x0F)
        index += 1
        while byte & 0x80 != 0 {
            guard index < end else { throw .open }
            guard index - start < 3 else { throw .malformed(at: start) }
            byte = bytes[index]
            length = length << 4 | Int(byte & 0x0F)
            index += 1
        }
        if type == .list {
            guard length <= Self.most else { throw .malformed(at: start) }
            return Element(type, length)
        }
        // The length of all other types includes the bytes of the header.
        length -= index - start
        guard length >= 0 else { throw .malformed(at: start) }
        guard index + length <= end else { throw .open }
        return Element(type, length)
    }

    private func skip(_ bytes: [UInt8], _ index: inout Int, _ end: Int, depth: Int) throws(Fault) {
        guard depth <= Self.deepest else { throw .malformed(at: index) }
        if index < end, bytes[index] == 0 {
            // An end-of-message byte in place of an element: the message is shorter than its header states.
            throw .malformed(at: index)
        }
        let element = try element(bytes, &index, end)
        guard element.type == .list else {
            index += element.length
            return
        }
        for _ in 0..<element.length { try skip(bytes, &index, end, depth: depth + 1) }
    }

    /// Octets; nil when the element is left out (`01`).
    private func octets(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) -> Range<Int>? {
        let start = index
        let element = try element(bytes, &index, end)
        guard element.type == .octets else { throw .malformed(at: start) }
        let isLeftOut = element.length == 0 && index == start + 1
        let range = index..<index + element.length
        index = range.upperBound
        return isLeftOut ? nil : range
    }

    private func unsigned(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) -> UInt64? {
        try integer(bytes, &index, end).map { UInt64(bitPattern: $0) }
    }

    /// A number of any width, nil when it is left out.
    private func integer(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) -> Int64? {
        let start = index
        let element = try element(bytes, &index, end)
        switch element.type {
        case .octets where element.length == 0: return nil
        case .integer, .unsigned:
            guard (1...8).contains(element.length) else { throw .malformed(at: start) }
            return Self.number(bytes, &index, element.length, isSigned: element.type == .integer)
        default: throw .malformed(at: start)
        }
    }

    private static func number(_ bytes: [UInt8], _ index: inout Int, _ size: Int, isSigned: Bool) -> Int64 {
        var value: UInt64 = 0
        for _ in 0..<size {
            value = value << 8 | UInt64(bytes[index])
            index += 1
        }
        let shift = UInt64(64 - 8 * size)
        return isSigned ? Int64(bitPattern: value << shift) >> Int64(shift) : Int64(bitPattern: value)
    }

    private func value(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) -> Value {
        let start = index
        let element = try element(bytes, &index, end)
        switch element.type {
        case .octets:
            let range = index..<index + element.length
            index = range.upperBound
            return element.length == 0 && range.lowerBound == start + 1 ? .other : .octets(range)
        case .boolean:
            guard element.length == 1 else { throw .malformed(at: start) }
            index += 1
            return .boolean(bytes[index - 1] != 0)
        case .integer, .unsigned:
            guard (1...8).contains(element.length) else { throw .malformed(at: start) }
            let isSigned = element.type == .integer
            let number = Self.number(bytes, &index, element.length, isSigned: isSigned)
            // No register exceeds signed 64 bits.
            if !isSigned, number < 0 { return .other }
            return .integer(number, bytes: element.length, isSigned: isSigned)
        case .list:
            for _ in 0..<element.length { try skip(bytes, &index, end, depth: 1) }
            return .other
        }
    }

    /// Reads a time: left out, a bare number of seconds, or a choice of index (1), time stamp (2), and local time (3).
    private func time(_ bytes: [UInt8], _ index: inout Int, _ end: Int) throws(Fault) -> Time? {
        let start = index
        let head = try element(bytes, &index, end)
        switch head.type {
        case .octets:
            index += head.length
            return nil
        case .unsigned:
            index = start
            return try unsigned(bytes, &index, end).map { .index($0) }
        case .list where head.length == 2:
            let choice = try unsigned(bytes, &index, end)
            switch choice {
            case 1: return try unsigned(bytes, &index, end).map { .index($0) }
            case 2: return try unsigned(bytes, &index, end).map { .epoch($0) }
            case 3:
                guard try element(bytes, &index, end) == Element(.list, 3) else { throw .malformed(at: index) }
                let epoch = try unsigned(bytes, &index, end)
                for _ in 0..<2 { try skip(bytes, &index, end, depth: 1) }
                return epoch.map { .epoch($0) }
            default: throw .malformed(at: start)
            }
        default: throw .malformed(at: start)
        }
    }
}
