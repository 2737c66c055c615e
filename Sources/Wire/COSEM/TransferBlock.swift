// SPDX-License-Identifier: Apache-2.0

/// One block of a general block transfer (IEC 62056-5-3, 9.4.6.13).
///
///     E0 | bit 7 last, bit 6 streaming, bits 0-5 window | number 2 | acknowledged 2 | length | piece
package struct TransferBlock: Sendable, Equatable {
    /// The whole block.
    package let range: Range<Int>
    /// The number of the block, from 1.
    package let number: Int
    /// True for the last block of a message.
    package let isLast: Bool
    /// The piece of the message.
    package let piece: Range<Int>

    /// The first byte of a block.
    package static let tag: UInt8 = 0xE0

    /// Reads a block at `start`.
    package static func find(in bytes: [UInt8], from start: Int) -> Found<TransferBlock> {
        guard start < bytes.count, bytes[start] == tag else { return .nothing }
        guard start + 6 < bytes.count else { return .open(total: nil) }
        switch BERLength.read(bytes, at: start + 6, end: bytes.count) {
        case .open: return .open(total: nil)
        case .malformed: return .nothing
        case .length(let length, let first):
            let end = first + length
            guard end <= bytes.count else { return .open(total: end - start) }
            return .frame(
                TransferBlock(
                    range: start..<end, number: Int(bytes[start + 2]) << 8 | Int(bytes[start + 3]),
                    isLast: bytes[start + 1] & 0x80 != 0, piece: first..<end))
        }
    }
}
