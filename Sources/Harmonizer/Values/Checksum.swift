// SPDX-License-Identifier: Apache-2.0

/// FNV-1a with 64 bits: tells messages and names apart. Not for anything that an attacker must not forge.
public struct Checksum: Sendable {
    /// The checksum so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The checksum of nothing.
    public init() {}

    /// Takes in one byte.
    public mutating func combine(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    /// Takes in bytes, closed so that ("ab", "c") and ("a", "bc") differ.
    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { combine(byte) }
        combine(0xff as UInt8)
    }

    /// Takes in an integer.
    public mutating func combine(_ number: Int64) {
        for shift in stride(from: 0, to: 64, by: 8) { combine(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
    }

    /// 16 hex digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: stride(from: 60, through: 0, by: -4).map { digits[Int(value >> UInt64($0) & 15)] }, as: UTF8.self)
    }

    /// 16 hex digits over bytes.
    public static func hex(of bytes: some Sequence<UInt8>) -> String {
        var checksum = Checksum()
        checksum.combine(bytes)
        return checksum.hex
    }
}
