// SPDX-License-Identifier: Apache-2.0

/// Base64 (RFC 4648, 4), for payloads that are not text.
package enum Base64 {
    /// The text of some bytes.
    package static func text(_ bytes: some Collection<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var block: UInt32 = 0
        var count = 0
        func flush() {
            block <<= UInt32(8 * (3 - count))
            for digit in 0..<4 {
                text.append(digit <= count ? alphabet[Int(block >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
            }
            block = 0
            count = 0
        }
        for byte in bytes {
            block = block << 8 | UInt32(byte)
            count += 1
            if count == 3 { flush() }
        }
        if count > 0 { flush() }
        return String(decoding: text, as: UTF8.self)
    }
}
