// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Bytes that a program on the way wrote as text.
enum HexadecimalText {
    /// The bytes of hexadecimal text, whatever blanks are in it, and the digit that is left over; nil when it is none.
    static func bytes(_ text: [UInt8]) -> (bytes: [UInt8], rest: [UInt8])? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        var last: UInt8 = 0
        for byte in text where byte > 0x20 {
            guard let digit = hexadecimalDigit(byte) else { return nil }
            if let upper = high {
                bytes.append(upper << 4 | digit)
                high = nil
            } else {
                high = digit
                last = byte
            }
        }
        return (bytes, high == nil ? [] : [last])
    }
}
