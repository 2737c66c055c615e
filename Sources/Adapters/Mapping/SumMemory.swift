// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The newest terms of the sums of one device.
///
/// A sum is computed when each of its terms has arrived since the last sum, so that one round of a reader's topics
/// gives one sum.
struct SumMemory: Sendable {
    private struct Term {
        var number: ExactDecimal
        var unit: Unit?
        var time: RawTime?
        var received: Timestamp
    }

    /// The time between the first and the last term of a sum; a reader sends a round in a moment, and a slow one within a
    /// minute.
    private static let patience = TimeSpan.seconds(90)

    private var terms: [OBISCode: Term] = [:]

    /// Adds a message's registers, and returns the sums that they complete.
    mutating func sums(
        of rules: [FieldMapping.RegisterSum], in observations: [Observation], at now: Timestamp
    ) -> [Observation] {
        for observation in observations {
            guard case .number(let number) = observation.value,
                rules.contains(where: { $0.terms.contains { $0.code == observation.obis } })
            else { continue }
            terms[observation.obis] = Term(
                number: number, unit: observation.unit, time: observation.time, received: now)
        }
        return rules.compactMap { rule in
            guard !observations.contains(where: { $0.obis == rule.code }) else { return nil }
            let found = rule.terms.compactMap { terms[$0.code] }
            guard found.count == rule.terms.count,
                found.allSatisfy({ now - $0.received <= Self.patience }),
                let unit = found.first?.unit
            else { return nil }
            var sum: ExactDecimal? = .zero
            for (rule, term) in zip(rule.terms, found) {
                guard let power = term.unit?.powerOfTen(to: unit) else { return nil }
                let number = term.number.scaled(byPowerOfTen: power)
                sum = rule.isSubtracted ? sum?.subtracting(number) : sum?.adding(number)
            }
            guard let sum else { return nil }
            for term in rule.terms { terms[term.code] = nil }
            return Observation(rule.code, .number(sum), unit: unit)
        }
    }
}
