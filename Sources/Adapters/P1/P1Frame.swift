// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The position of a telegram in bytes, and its CRC.
struct P1Frame: Equatable {
    /// From `/` to `!` inclusive: the bytes covered by the CRC.
    var bytes: Range<Int>
    /// The CRC as sent; nil when the telegram has none. Its leading zero may be missing (`!B9F`).
    var crc: UInt16?
    /// True when the line with `!` is complete: four digits, or fewer digits followed by another character.
    var isTerminated: Bool
    /// The index of the first byte after the telegram.
    var end: Int

    /// Reads the CRC after the `!` at `tail`.
    init(head: Int, tail: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var crc: UInt16 = 0
        var index = tail + 1
        while index < bytes.count, index <= tail + 4, let digit = bytes[index].hexadecimalDigit {
            crc = crc << 4 | UInt16(digit)
            index += 1
        }
        self.bytes = head..<(tail + 1)
        self.crc = index == tail + 1 ? nil : crc
        isTerminated = index == tail + 5 || index < bytes.count
        end = index
    }
}
