// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Where a telegram stands in bytes, and the CRC behind it.
struct P1Frame: Equatable {
    /// From `/` to `!` inclusive: what the CRC covers.
    var bytes: Range<Int>
    /// The CRC as sent, nil when the telegram has none. Its leading zero may be dropped (`!B9F`).
    var crc: UInt16?
    /// True when the line of the `!` is complete: four digits, or something that is no digit behind fewer.
    var isTerminated: Bool
    /// The first byte behind the telegram.
    var end: Int

    /// Reads what stands behind the `!` at `tail`.
    init(head: Int, tail: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var crc: UInt16 = 0
        var index = tail + 1
        while index < bytes.count, index <= tail + 4, let digit = hexadecimalDigit(bytes[index]) {
            crc = crc << 4 | UInt16(digit)
            index += 1
        }
        self.bytes = head..<(tail + 1)
        self.crc = index == tail + 1 ? nil : crc
        isTerminated = index == tail + 5 || index < bytes.count
        end = index
    }
}
