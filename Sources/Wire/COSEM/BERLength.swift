// SPDX-License-Identifier: Apache-2.0

/// A BER length: one byte below 80, otherwise the number of length bytes and the bytes themselves.
package enum BERLength: Equatable {
    /// The length and the position after it.
    case length(Int, next: Int)
    /// The length is incomplete.
    case open
    /// More than three bytes, or none: no meter sends that much.
    case malformed

    /// Reads a length that must end before `end`.
    package static func read(_ bytes: [UInt8], at index: Int, end: Int) -> BERLength {
        guard index < end else { return .open }
        let first = bytes[index]
        if first < 0x80 { return .length(Int(first), next: index + 1) }
        let count = Int(first & 0x7F)
        guard (1...3).contains(count) else { return .malformed }
        guard index + count < end else { return .open }
        var length = 0
        for offset in 1...count { length = length << 8 | Int(bytes[index + offset]) }
        return .length(length, next: index + 1 + count)
    }
}
