// SPDX-License-Identifier: Apache-2.0

/// The header of a DLMS message on TCP or UDP (IEC 62056-47): `00 01 | source 2 | destination 2 | length 2 | message`.
///
/// It has no checksum: the message after it must be valid by itself.
package struct WrapperFrame: Sendable, Equatable {
    /// Header and message.
    package let range: Range<Int>
    /// The message.
    package let message: Range<Int>

    /// Reads a frame at `start`; a message longer than `limit` is not accepted.
    package static func find(in bytes: [UInt8], from start: Int, limit: Int) -> Found<WrapperFrame> {
        let count = bytes.count - start
        guard count > 0, bytes[start] == 0 else { return .nothing }
        guard count > 1 else { return .open(total: nil) }
        guard bytes[start + 1] == 1 else { return .nothing }
        guard count >= 8 else { return .open(total: nil) }
        let length = Int(bytes[start + 6]) << 8 | Int(bytes[start + 7])
        guard length > 0, length <= limit else { return .nothing }
        let end = start + 8 + length
        guard end <= bytes.count else { return .open(total: 8 + length) }
        return .frame(WrapperFrame(range: start..<end, message: start + 8..<end))
    }
}
