// SPDX-License-Identifier: Apache-2.0

/// An M-Bus long frame with a piece of a DLMS message (EN 13757-2, IEC 62056-7-3).
///
///     68 L L 68 | C=53 A CI STSAP DTSAP | piece | sum mod 256 from C | 16
package struct MBusFrame: Sendable, Equatable {
    /// The whole frame.
    package let range: Range<Int>
    /// The piece in the frame.
    package let information: Range<Int>
    /// The number of the piece, from 0.
    package let number: Int
    /// True for the last piece of a message.
    package let isLast: Bool

    /// The first byte of a long frame.
    package static let start: UInt8 = 0x68

    /// Reads a frame at `start`. A length below 5 means 256 more: some meters send it modulo 256.
    package static func find(in bytes: [UInt8], from start: Int) -> Found<MBusFrame> {
        let count = bytes.count
        guard start < count, bytes[start] == Self.start else { return .nothing }
        guard start + 3 < count else {
            return start + 2 < count && bytes[start + 1] != bytes[start + 2] ? .nothing : .open(total: nil)
        }
        guard bytes[start + 1] == bytes[start + 2], bytes[start + 3] == Self.start else { return .nothing }
        let length = bytes[start + 1] < 5 ? Int(bytes[start + 1]) + 256 : Int(bytes[start + 1])
        // Sends unacknowledged or with a frame count bit: 53 or 73.
        if start + 4 < count, bytes[start + 4] & ~0x20 != 0x53 { return .nothing }
        if start + 6 < count, bytes[start + 6] & 0xE0 != 0 { return .nothing }
        let end = start + 4 + length + 2
        guard end <= count else { return .open(total: end - start) }
        guard bytes[end - 1] == 0x16 else { return .nothing }
        var sum: UInt8 = 0
        for index in start + 4..<end - 2 { sum &+= bytes[index] }
        guard sum == bytes[end - 2] else { return .damaged }
        let control = bytes[start + 6]
        return .frame(
            MBusFrame(
                range: start..<end, information: start + 9..<end - 2, number: Int(control & 0x0F),
                isLast: control & 0x10 != 0))
    }
}
