// SPDX-License-Identifier: Apache-2.0

/// A number that means "no value": all bits set, or the largest number that a display can show.
public struct Sentinel: Sendable, Hashable {
    /// The number.
    public var value: ExactDecimal
    /// Its unit; nil for the digits as received, whatever their unit is.
    public var unit: Unit?

    /// Reads `65535`, `65535 V` or `-1 W`.
    public init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || ".-+e".contains($0)) }
        guard let value = ExactDecimal(String(digits)) else { return nil }
        let word = text.dropFirst(digits.count).drop { $0 == " " }
        unit = word.isEmpty ? nil : Unit(String(word))
        if !word.isEmpty, unit == nil { return nil }
        self.value = value
    }

    /// True when `number` in the unit `received` is this sentinel.
    func matches(_ number: ExactDecimal, _ received: Unit?) -> Bool {
        guard let unit else { return number == value }
        guard let power = received?.powerOfTen(to: unit) else { return false }
        return number.scaled(byPowerOfTen: power) == value
    }
}
