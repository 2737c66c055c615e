// SPDX-License-Identifier: Apache-2.0

/// A word that nobody guesses.
enum WebToken {
    /// 128 bits of the system's random numbers.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(UInt64.random(in: .min ... .max, using: &generator), radix: 36) }.joined()
    }
}
