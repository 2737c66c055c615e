// SPDX-License-Identifier: Apache-2.0

/// A random token that cannot be guessed.
enum WebToken {
    /// A token of 128 bits from the system's random numbers.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(UInt64.random(in: .min ... .max, using: &generator), radix: 36) }.joined()
    }
}
