// SPDX-License-Identifier: Apache-2.0

/// The elements of one A-XDR value (IEC 62056-6-2, 4.1.5), flat and in the order of the wire.
///
/// No content is copied: an element holds the position of its content. The same value is reused for message after
/// message, so that reading allocates no memory.
package struct AXDR: Sendable {
    /// One element. A structure or an array is followed by its `count` elements, each with its contents, up to `next`.
    package struct Element: Sendable, Equatable {
        package var tag: UInt8
        /// The position of its content in bytes.
        package var start: Int32
        package var end: Int32
        /// Number of its direct elements.
        package var count: Int32
        /// The index of the element after it and all its contents.
        package var next: Int32
    }

    /// The result of reading.
    package enum Outcome: Sendable, Equatable {
        /// One whole value that ends there.
        case whole(end: Int)
        /// The beginning of a value.
        case open
        /// Not a value; the position of the error.
        case malformed(at: Int)
    }

    /// Deviations of real meters from the standard, by their names in list descriptions.
    package struct Leniency: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Octets whose tag 09 and length 06 are swapped.
        package static let swappedTag = Leniency(rawValue: 1)
    }

    /// The elements, the outermost first.
    package private(set) var elements: [Element] = []
    private var leniency: Leniency = []

    /// Limits, far above the lists of real meters.
    package static let deepest = 8
    package static let most = 512

    package init() {}

    /// Reads one value from `start`; bytes from `end` on are not read.
    package mutating func read(_ bytes: [UInt8], from start: Int, to end: Int, leniency: Leniency = []) -> Outcome {
        clear()
        self.leniency = leniency
        return readNext(bytes, from: start, to: end)
    }

    /// Removes all elements.
    package mutating func clear() {
        elements.removeAll(keepingCapacity: true)
        leniency = []
    }

    /// Reads one more value and appends its elements.
    package mutating func readNext(_ bytes: [UInt8], from start: Int, to end: Int) -> Outcome {
        bytes.withUnsafeBufferPointer { buffer in
            var index = start
            let failure = value(UnsafeBufferPointer(rebasing: buffer[..<end]), &index, depth: 0)
            return failure ?? .whole(end: index)
        }
    }

    /// Reads one value of a known type, without its tag.
    private mutating func content(
        _ tag: UInt8, _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, depth: Int
    ) -> Outcome? {
        guard elements.count < Self.most, depth <= Self.deepest else { return .malformed(at: index) }
        let place = elements.count
        elements.append(Element(tag: tag, start: Int32(index), end: Int32(index), count: 0, next: Int32(place + 1)))
        let size: Int
        switch tag {
        case 0x00, 0xFF: size = 0
        case 0x01, 0x02:
            guard let count = length(bytes, &index) else { return open(bytes, index) }
            guard count <= Self.most else { return .malformed(at: index) }
            elements[place].start = Int32(index)
            elements[place].count = Int32(count)
            for _ in 0..<count { if let failure = value(bytes, &index, depth: depth + 1) { return failure } }
            elements[place].end = Int32(index)
            elements[place].next = Int32(elements.count)
            return nil
        case 0x13:
            return compactArray(bytes, &index, place: place, depth: depth)
        case 0x04:
            guard let bits = length(bytes, &index) else { return open(bytes, index) }
            size = (bits + 7) / 8
        case 0x09, 0x0A, 0x0C:
            guard let count = length(bytes, &index) else { return open(bytes, index) }
            size = count
        default:
            guard let fixed = Self.size(of: tag) else { return .malformed(at: index) }
            size = fixed
        }
        guard size <= bytes.count - index else { return .open }
        elements[place].start = Int32(index)
        index += size
        elements[place].end = Int32(index)
        return nil
    }

    private mutating func value(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, depth: Int) -> Outcome? {
        guard index < bytes.count else { return .open }
        var tag = bytes[index]
        index += 1
        if leniency.contains(.swappedTag), tag == 0x06, index < bytes.count, bytes[index] == 0x09,
            index + 7 <= bytes.count, bytes[index + 6] == 0xFF
        {
            tag = 0x09
            elements.append(
                Element(
                    tag: tag, start: Int32(index + 1), end: Int32(index + 7), count: 0, next: Int32(elements.count + 1))
            )
            index += 7
            return nil
        }
        return content(tag, bytes, &index, depth: depth)
    }

    /// Reads a compact array: the type once, then the contents of all elements without tags. The result is an ordinary
    /// array.
    private mutating func compactArray(
        _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, place: Int, depth: Int
    ) -> Outcome? {
        let type = index
        guard let failure = skipType(bytes, &index, depth: depth) else {
            guard let size = length(bytes, &index) else { return open(bytes, index) }
            guard size <= bytes.count - index else { return .open }
            let end = index + size
            let contents = UnsafeBufferPointer(rebasing: bytes[..<end])
            elements[place].tag = 0x01
            elements[place].start = Int32(index)
            while index < end {
                var description = type
                if typed(contents, &description, &index, depth: depth + 1) != nil { return .malformed(at: index) }
                elements[place].count += 1
                // A type without content would repeat for ever.
                guard elements[place].count <= Self.most else { return .malformed(at: index) }
            }
            elements[place].end = Int32(index)
            elements[place].next = Int32(elements.count)
            return nil
        }
        return failure
    }

    /// Skips a type description.
    private func skipType(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int, depth: Int) -> Outcome? {
        guard depth <= Self.deepest else { return .malformed(at: index) }
        guard index < bytes.count else { return .open }
        let tag = bytes[index]
        index += 1
        switch tag {
        case 0x01:
            index += 2
            return skipType(bytes, &index, depth: depth + 1)
        case 0x02:
            guard let count = length(bytes, &index) else { return open(bytes, index) }
            guard count <= Self.most else { return .malformed(at: index) }
            for _ in 0..<count { if let failure = skipType(bytes, &index, depth: depth + 1) { return failure } }
            return nil
        case 0x00, 0x04, 0x09, 0x0A, 0x0C: return nil
        default: return Self.size(of: tag) == nil ? .malformed(at: index) : nil
        }
    }

    /// Reads the content of the type at `description`.
    private mutating func typed(
        _ bytes: UnsafeBufferPointer<UInt8>, _ description: inout Int, _ index: inout Int, depth: Int
    ) -> Outcome? {
        guard elements.count < Self.most, depth <= Self.deepest, description < bytes.count else {
            return .malformed(at: index)
        }
        let tag = bytes[description]
        description += 1
        guard tag == 0x01 || tag == 0x02 else { return content(tag, bytes, &index, depth: depth) }
        let place = elements.count
        elements.append(Element(tag: tag, start: Int32(index), end: Int32(index), count: 0, next: Int32(place + 1)))
        var count = 0
        if tag == 0x01 {
            guard description + 2 <= bytes.count else { return .malformed(at: index) }
            count = Int(bytes[description]) << 8 | Int(bytes[description + 1])
            description += 2
        } else {
            guard let fields = length(bytes, &description) else { return .malformed(at: index) }
            count = fields
        }
        guard count <= Self.most else { return .malformed(at: index) }
        elements[place].count = Int32(count)
        let type = description
        if tag == 0x01, count == 0 { return skipType(bytes, &description, depth: depth + 1) }
        for _ in 0..<count {
            if tag == 0x01 { description = type }
            if let failure = typed(bytes, &description, &index, depth: depth + 1) { return failure }
        }
        elements[place].end = Int32(index)
        elements[place].next = Int32(elements.count)
        return nil
    }

    /// A BER length; nil when it is incomplete or too long.
    private func length(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Int? {
        guard index < bytes.count else { return nil }
        let first = bytes[index]
        if first < 0x80 {
            index += 1
            return Int(first)
        }
        let count = Int(first & 0x7F)
        guard (1...3).contains(count), index + count < bytes.count else { return nil }
        var length = 0
        for offset in 1...count { length = length << 8 | Int(bytes[index + offset]) }
        index += 1 + count
        return length
    }

    /// Why a length could not be read.
    private func open(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Outcome {
        guard index < bytes.count, bytes[index] >= 0x80, !(1...3).contains(bytes[index] & 0x7F) else { return .open }
        return .malformed(at: index)
    }

    /// Size in bytes of a type of fixed size.
    private static func size(of tag: UInt8) -> Int? {
        switch tag {
        case 0x00, 0xFF: 0
        case 0x03, 0x0D, 0x0F, 0x11, 0x16: 1
        case 0x10, 0x12: 2
        case 0x05, 0x06, 0x17: 4
        case 0x14, 0x15, 0x18: 8
        case 0x19: 12
        case 0x1A: 5
        case 0x1B: 4
        default: nil
        }
    }
}

extension AXDR.Element {
    /// The position of its content in bytes.
    package var range: Range<Int> { Int(start)..<Int(end) }
    /// Size of its content in bytes.
    package var size: Int { Int(end - start) }
    /// True for a structure or an array.
    package var isGroup: Bool { tag == 1 || tag == 2 }
    /// True for octet strings and texts.
    package var isOctets: Bool { tag == 0x09 || tag == 0x0A || tag == 0x0C }
    /// True for integers, booleans and enumerations.
    package var isInteger: Bool {
        switch tag {
        case 0x03, 0x05, 0x06, 0x0F, 0x10, 0x11, 0x12, 0x14, 0x15, 0x16: true
        default: false
        }
    }

    /// The integer; nil for anything else, and beyond signed 64 bits.
    package func integer(_ bytes: [UInt8]) -> Int64? {
        guard isInteger else { return nil }
        var value: UInt64 = 0
        for index in range { value = value << 8 | UInt64(bytes[index]) }
        switch tag {
        case 0x05, 0x0F, 0x10, 0x14:
            let shift = UInt64(64 - 8 * size)
            return Int64(bitPattern: value << shift) >> Int64(shift)
        default: return Int64(exactly: value)
        }
    }

    /// The shortest decimal digits of a binary float, never its binary value; nil for anything else, and for a float
    /// that is not finite.
    package func decimalDigits(_ bytes: [UInt8]) -> String? {
        guard tag == 0x17 || tag == 0x18 else { return nil }
        var value: UInt64 = 0
        for index in range { value = value << 8 | UInt64(bytes[index]) }
        if tag == 0x17 {
            let float = Float(bitPattern: UInt32(truncatingIfNeeded: value))
            return float.isFinite ? "\(float)" : nil
        }
        let double = Double(bitPattern: value)
        return double.isFinite ? "\(double)" : nil
    }
}
