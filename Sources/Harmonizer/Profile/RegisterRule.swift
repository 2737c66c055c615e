// SPDX-License-Identifier: Apache-2.0

/// What a profile makes of one register: everything that follows from its code and its unit as received, and not from its value.
///
/// A class, because each value of each message is handed its rule: one reference instead of a dozen fields.
final class RegisterRule: Sendable {
    /// The code under which it is published.
    let obis: OBISCode
    /// The unit in which it is published; nil where nobody named one, and where `isForeign`.
    let unit: Unit?
    /// True when the received unit measures something else than the register.
    let isForeign: Bool
    /// The power of ten by which a received number is multiplied.
    let power: Int
    /// Digits kept after the point; nil keeps all.
    let decimals: Int?
    /// What is plausible, in `unit`; nil where nothing is said about that unit.
    let range: ClosedRange<ExactDecimal>?
    /// Numbers that mean "no value".
    let sentinels: Sentinels
    /// Numbers that mean "no limit".
    let unlimited: Sentinels
    /// True for one that has no sign: the direction of a current is that of its power.
    let isMagnitude: Bool
    /// True for a register that only ever grows.
    let isCounter: Bool
    /// What a scale would be about; nil for what has none.
    let quantity: Quantity?
    /// What happens to its unit; nil where it stays.
    let translation: Translation?
    /// Where `unit` stands.
    let unitPlace: UnitPlace
    /// True for numbers that may be converted without looking at them one by one.
    private let isUsual: Bool
    /// `range`, or the half above zero of a counter and a magnitude, in thousandths.
    private let usualRange: ClosedRange<Int64>

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
        let hasSign = !isMagnitude && !isCounter
        isUsual = !isForeign && !unitPlace.isElsewhere && (decimals ?? 3) >= 0
        usualRange = Self.thousandths(range, hasSign: hasSign)
        if let unit, let target, unit != target {
            translation = .unit(obis, from: unit, to: target)
        } else {
            translation = nil
        }
    }

    /// The number as it is published where there is nothing to say about it: it is no sentinel, has no more digits than the
    /// profile keeps, and is plausible. Nil where it has to be judged.
    func usual(_ number: ExactDecimal) -> ExactDecimal? {
        guard isUsual, !sentinels.mayContain(number), !unlimited.mayContain(number) else { return nil }
        let converted = number.scaled(byPowerOfTen: power)
        guard -converted.exponent <= decimals ?? 3, let thousandths = converted.thousandths,
            usualRange.contains(thousandths)
        else { return nil }
        return converted
    }

    /// A range in thousandths, cut to what is above zero for what has no sign; the limits themselves are outside where they have
    /// more digits.
    private static func thousandths(_ range: ClosedRange<ExactDecimal>?, hasSign: Bool) -> ClosedRange<Int64> {
        let all: ClosedRange<Int64> = (hasSign ? .min : 0)...(.max)
        guard let range else { return all }
        guard let low = range.lowerBound.thousandths, let high = range.upperBound.thousandths,
            max(low, all.lowerBound) <= high
        else { return 0...0 }
        return max(low, all.lowerBound)...high
    }
}
