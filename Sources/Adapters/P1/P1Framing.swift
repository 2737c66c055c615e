// SPDX-License-Identifier: Apache-2.0

/// Finds telegrams in bytes: from a line that starts with `/` to the next line that starts with `!`.
///
/// Both characters count only at the start of a line: corrupt lines contain `!` (dsmr-reader issue 1408), and a Holley
/// meter calls itself `/HLY5/D545-METER`. Control characters, spaces and bytes above 0x7E before them are ignored:
/// serial adapters send 0xFF and NUL between telegrams.
enum P1Framing {
    /// The next item in the bytes.
    enum Found: Equatable {
        /// A telegram with head and tail.
        case telegram(P1Frame)
        /// A head without tail, up to the start of the next telegram.
        case cut(Range<Int>)
        /// A head without tail up to the end of the bytes.
        case open(from: Int)
        /// Lines of a telegram without its head; `isEnded` when they include the tail.
        case headless(Range<Int>, isEnded: Bool)
        /// Only spaces and control characters.
        case nothing
    }

    /// The size limit of a telegram in bytes: six times the longest seen (Lithuania, 2.5 kB).
    static let limit = 16_384

    /// Finds the next item from `start`, which counts as the start of a line.
    static func next(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Found {
        var index = start
        var head: Int?
        var isHeadless = false
        while true {
            while index < bytes.count, !isText(bytes[index]), bytes[index] != slashWithParity { index += 1 }
            guard index < bytes.count else { break }
            switch bytes[index] {
            case bang:
                let frame = P1Frame(head: head ?? start, tail: index, in: bytes)
                return head == nil ? .headless(start..<frame.end, isEnded: true) : .telegram(frame)
            case slash, slashWithParity:
                if let head { return .cut(head..<index) }
                if isHeadless { return .headless(start..<index, isEnded: false) }
                head = index
            default:
                isHeadless = head == nil
            }
            index = lineEnd(in: bytes, from: index)
        }
        if let head { return .open(from: head) }
        return isHeadless ? .headless(start..<bytes.count, isEnded: false) : .nothing
    }

    /// The end of the line that contains `index`: a line feed or carriage return, or the end of the bytes.
    static func lineEnd(in bytes: UnsafeBufferPointer<UInt8>, from index: Int) -> Int {
        var index = index
        let raw = UnsafeRawBufferPointer(bytes)
        // Eight bytes at a time: the first byte that is zero after the XOR ends the line; only bytes after it may be
        // false hits.
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= bytes.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let (feeds, returns) = (word ^ (ones &* UInt64(lineFeed)), word ^ (ones &* UInt64(carriageReturn)))
            let hits = ((feeds &- ones) & ~feeds | (returns &- ones) & ~returns) & (ones &* 0x80)
            if hits != 0 { return index + UInt64(littleEndian: hits).trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count, bytes[index] != lineFeed, bytes[index] != carriageReturn { index += 1 }
        return index
    }

    private static func isText(_ byte: UInt8) -> Bool { byte > blank && byte < 0x7F }

    /// `/` of a 7E1 line that was read as 8N1.
    private static let slashWithParity = slash | 0x80
    static let slash = UInt8(ascii: "/")
    static let bang = UInt8(ascii: "!")
    static let blank = UInt8(ascii: " ")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
}
