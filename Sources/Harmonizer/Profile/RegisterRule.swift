// SPDX-License-Identifier: Apache-2.0

/// How a profile treats one register: everything that follows from its code and its unit as received, and not from its
/// value.
///
/// A class, because each value of each message is given its rule: one reference instead of a dozen fields.
final class RegisterRule: Sendable {
    /// The code under which it is published.
    let obis: OBISCode
    /// The unit in which it is published; nil when it was received without a unit, and when `isForeign`.
    let unit: Unit?
    /// True when the received unit measures something else than the register.
    let isForeign: Bool
    /// The power of ten by which a received number is multiplied.
    let power: Int
    /// Digits kept after the point; nil keeps all.
    let decimals: Int?
    /// The plausible range, in `unit`; nil when the profile has none for that unit.
    let range: ClosedRange<ExactDecimal>?
    /// Numbers that mean "no value".
    let sentinels: Sentinels
    /// Numbers that mean "no limit".
    let unlimited: Sentinels
    /// True for a register without a sign: the direction of a current is that of its power.
    let isMagnitude: Bool
    /// True for a register that only ever grows.
    let isCounter: Bool
    /// The quantity by which a scale selects it; nil when it has none.
    let quantity: Quantity?
    /// The conversion of its unit; nil when the unit stays.
    let translation: Translation?
    /// `unit` as a place in the unit table.
    let unitPlace: UnitPlace

    init(_ received: OBISCode, unit: Unit?, profile: Profile) {
        obis = received.canonical
        let register = profile.register(obis)
        let units = register?.units ?? []
        // The first of the profile's units that the received one converts to; without any, as received.
        let target = unit.flatMap { unit in
            units.isEmpty ? unit : units.first { unit.powerOfTen(to: $0) != nil }
        }
        self.unit = target
        isForeign = unit != nil && target == nil
        power = target.flatMap { unit?.powerOfTen(to: $0) } ?? 0
        decimals = register?.decimals
        range = target == units.first ? register?.range : nil
        sentinels = profile.sentinels.adding(register?.sentinels)
        unlimited = register?.unlimited ?? Sentinels()
        isMagnitude = [31, 51, 71].contains(obis.c) && obis == OBISCode(1, 0, obis.c, 7, 0)
        isCounter = register?.isCounter ?? obis.isCounter
        quantity = Quantity(obis, unit: (isForeign ? unit : target) ?? units.first)
        unitPlace = UnitPlace(self.unit)
        if let unit, let target, unit != target {
            translation = .unit(obis, from: unit, to: target)
        } else {
            translation = nil
        }
    }
}

/// The fast path of a rule, for a number about which there is nothing to report: it is not a sentinel, has no more
/// digits than the profile keeps, is plausible, and keeps its code and its dimension.
struct UsualRule: Sendable {
    private let obis: OBISCode
    private let unit: UnitPlace
    private let power: Int8
    private let decimals: Int8
    /// A bit for the digits of each sentinel: the digits of other numbers seldom have the same bit.
    private let sentinels: UInt64
    /// The plausible range in thousandths; for a counter and a register without a sign only from zero up. Empty for a
    /// rule that has to judge every number.
    private let lowest: Int64
    private let highest: Int64
    /// True for a register that only ever grows.
    let isCounter: Bool

    /// - Parameter received: the code that the rule is for.
    init(_ rule: RegisterRule, received: OBISCode) {
        obis = rule.obis
        unit = rule.unitPlace
        power = Int8(clamping: rule.power)
        decimals = Int8(clamping: rule.decimals ?? 3)
        isCounter = rule.isCounter
        sentinels = (rule.sentinels.mantissas + rule.unlimited.mantissas).reduce(0) { $0 | Self.bit($1) }
        let isUsual =
            !rule.isForeign && !unit.isElsewhere && decimals >= 0 && rule.translation == nil && obis == received
            && Int(power) == rule.power
        let range = Self.thousandths(rule.range, hasSign: !rule.isMagnitude && !rule.isCounter)
        (lowest, highest) = isUsual ? (range.lowerBound, range.upperBound) : (1, 0)
    }

    /// The register with this number; nil when the rule has to judge it.
    @inline(__always) func value(_ number: ExactDecimal) -> RegisterValue? {
        guard sentinels & Self.bit(number.mantissa) == 0 else { return nil }
        let converted = number.scaled(byPowerOfTen: Int(power))
        guard -converted.exponent <= Int(decimals), let thousandths = converted.thousandths,
            thousandths >= lowest, thousandths <= highest
        else { return nil }
        return RegisterValue(obis, plain: converted, unit: unit)
    }

    private static func bit(_ mantissa: Int64) -> UInt64 {
        1 &<< ((UInt64(bitPattern: mantissa) &* 0x9e37_79b9_7f4a_7c15) >> 58)
    }

    /// A range in thousandths, from zero up for a register without a sign; only zero when a limit cannot be written in
    /// thousandths, or nothing is left.
    private static func thousandths(_ range: ClosedRange<ExactDecimal>?, hasSign: Bool) -> ClosedRange<Int64> {
        let all: ClosedRange<Int64> = (hasSign ? .min : 0)...(.max)
        guard let range else { return all }
        guard let low = range.lowerBound.thousandths, let high = range.upperBound.thousandths,
            max(low, all.lowerBound) <= high
        else { return 0...0 }
        return max(low, all.lowerBound)...high
    }
}
