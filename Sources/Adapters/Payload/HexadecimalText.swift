// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Bytes that an intermediate program wrote as hexadecimal text.
enum HexadecimalText {
    /// The bytes of hexadecimal text with any spaces, and the remaining digit; nil when the text is not hexadecimal.
    static func bytes(_ text: [UInt8]) -> (bytes: [UInt8], rest: [UInt8])? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2)
        var high: UInt8?
        var last: UInt8 = 0
        for byte in text where byte > 0x20 {
            guard let digit = byte.hexadecimalDigit else { return nil }
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
