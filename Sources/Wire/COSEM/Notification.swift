// SPDX-License-Identifier: Apache-2.0

/// A data-notification (IEC 62056-5-3, 9.3.10): `0F | invoke id 4 | date-time | body`.
package struct Notification: Sendable, Equatable {
    /// The time in the header; empty when there is none.
    package let time: Range<Int>
    /// Index of the first byte of the body.
    package let body: Int

    /// The first byte of a data-notification.
    package static let tag: UInt8 = 0x0F

    /// Reads the header at `start`. The date-time is a length of 0 or 12 and its bytes; the octet string tag before the
    /// length, which some meters add, is skipped.
    package static func find(in bytes: [UInt8], from start: Int) -> Found<Notification> {
        let count = bytes.count
        guard start < count, bytes[start] == tag else { return .nothing }
        var index = start + 5
        guard index < count else { return .open(total: nil) }
        if bytes[index] == 0x09 {
            index += 1
            guard index < count else { return .open(total: nil) }
        }
        let length = Int(bytes[index])
        guard length == 0 || length == COSEMTime.size else { return .nothing }
        guard index + 1 + length < count else { return .open(total: nil) }
        return .frame(Notification(time: index + 1..<index + 1 + length, body: index + 1 + length))
    }
}
