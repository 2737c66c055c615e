// SPDX-License-Identifier: Apache-2.0

/// An HDLC frame of type 3 as meters push it (IEC 62056-46).
///
///     7E | 1010 S LLLLLLLLLLL | destination 1/2/4 | source 1/2/4 | control | HCS 2 | information | FCS 2 | 7E
///
/// There is no byte stuffing: `7E` occurs inside, so a frame is read by its length and never by its flags.
package struct HDLCFrame: Sendable, Equatable {
    /// From the opening flag to the end of the checksum. The closing flag is not part of it: it may open the next frame.
    package let range: Range<Int>
    /// The content of the frame; empty for a frame that only controls the line.
    package let information: Range<Int>
    /// True when more of the same transfer follows in the next frame.
    package let isSegmented: Bool

    /// The flag.
    package static let flag: UInt8 = 0x7E

    /// Reads a frame at `start`.
    package static func find(in bytes: [UInt8], from start: Int) -> Found<HDLCFrame> {
        let count = bytes.count
        guard start < count, bytes[start] == flag else { return .nothing }
        guard start + 2 < count else {
            return start + 1 == count || bytes[start + 1] & 0xF0 == 0xA0 ? .open(total: nil) : .nothing
        }
        let first = bytes[start + 1]
        guard first & 0xF0 == 0xA0 else { return .nothing }
        let length = Int(first & 7) << 8 | Int(bytes[start + 2])
        let end = start + 1 + length
        var index = start + 3
        // Each address ends at its first byte with bit 0 set and has 1, 2 or 4 bytes.
        for _ in 0..<2 {
            let first = index
            while index < min(count, end), bytes[index] & 1 == 0 { index += 1 }
            guard index - first < 4 else { return .nothing }
            guard index < count else { return index < end ? .open(total: length + 1) : .nothing }
            index += 1
        }
        // The control byte is ignored: meters send 13, 10 and 03 alike.
        index += 1
        if end - index == 2 {
            guard end <= count else { return .open(total: length + 1) }
            guard isRight(bytes, start + 1, end - 2) else { return .nothing }
            return .frame(HDLCFrame(range: start..<end, information: index..<index, isSegmented: first & 8 != 0))
        }
        guard end - index >= 5 else { return .nothing }
        guard index + 2 <= count else { return .open(total: length + 1) }
        guard isRight(bytes, start + 1, index) else { return .nothing }
        guard end <= count else { return .open(total: length + 1) }
        guard isRight(bytes, start + 1, end - 2) else { return .damaged }
        return .frame(HDLCFrame(range: start..<end, information: index + 2..<end - 2, isSegmented: first & 8 != 0))
    }

    /// True when the two bytes at `end` are the checksum of the bytes from `start` on.
    private static func isRight(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        ReflectedCRC16.x25.checksum(bytes, start..<end) == UInt16(bytes[end]) | UInt16(bytes[end + 1]) << 8
    }
}
