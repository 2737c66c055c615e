// SPDX-License-Identifier: Apache-2.0

/// FNV-1a with 64 bits: tells messages and names apart. Not for anything that an attacker must not forge.
package struct Checksum: Sendable {
    /// The checksum so far.
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The checksum of nothing.
    package init() {}

    /// Takes in one byte.
    package mutating func combine(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// Takes in bytes and an end mark, so that ("ab", "c") and ("a", "bc") differ.
    package mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { combine(byte) }
        combine(0xff as UInt8)
    }

    /// The same for contiguous bytes.
    mutating func combine(bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { combine(byte) }
        combine(0xff as UInt8)
    }

    /// The same for a text.
    mutating func combine(text: String) {
        var text = text
        text.withUTF8 { combine(bytes: $0) }
    }

    /// Takes in an integer, in one step and not byte by byte; the high half is folded in because a product's low bits depend on
    /// low bits only.
    package mutating func combine(_ number: UInt64) {
        value = (value ^ number) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 32
    }

    /// 16 hex digits.
    package var hex: String {
        String(unsafeUninitializedCapacity: 16) { digits in
            for index in 0..<16 {
                let digit = UInt8(value >> UInt64(60 - 4 * index) & 15)
                digits[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }

    /// 16 hex digits over bytes.
    package static func hex(of bytes: some Sequence<UInt8>) -> String {
        var checksum = Checksum()
        checksum.combine(bytes)
        return checksum.hex
    }
}
