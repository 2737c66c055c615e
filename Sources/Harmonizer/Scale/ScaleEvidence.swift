// SPDX-License-Identifier: Apache-2.0

/// The evidence of one reading about its own powers of ten: voltages against those of a low-voltage grid, powers
/// against U times I, the total against the sum of the phases.
package struct ScaleEvidence {
    /// The power of ten by which each quantity would have to be multiplied, 0 where it is right; absent where there is
    /// no evidence.
    package private(set) var powers: [Quantity: Int] = [:]
    /// The load in mW at which it was seen; zero where only voltages were judged.
    private(set) var load: Int128 = 0

    /// A load in mW below which nothing is judged: at night, rounding and idle currents decide the ratio.
    private static let smallestLoad: Int128 = 800_000

    /// - Parameter hasExport: true for a meter that has ever exported. Phases that export and others that import add up to
    ///   nearly nothing while their currents are large.
    package init(_ registers: [RegisterValue], learned: [Quantity: Int], hasExport: Bool) {
        var values: [OBISCode: Int128] = [:]
        for register in registers where register.obis.a == 1 && register.obis.d == 7 && register.obis.e == 0 {
            guard case .number(let number) = register.value, let unit = register.unit, !register.isDerived,
                let quantity = Quantity(register.obis, unit: unit), quantity != .energy
            else { continue }
            // The value without the learned factor: otherwise a correction would hide its own reason.
            let power = unit.powerOfTen - (learned[quantity] ?? 0)
            values[register.obis] = Self.thousandths(number.scaled(byPowerOfTen: power))
        }
        func value(_ c: UInt8) -> Int128? { values[OBISCode(1, 0, c, 7, 0)] }
        let voltages = [value(32), value(52), value(72)]
        let currents = [value(31), value(51), value(71)]
        guard let voltage = Self.voltage(voltages.compactMap(\.self).filter { $0 != 0 }) else { return }
        powers[.voltage] = voltage

        var apparent: Int128 = 0
        for (volt, ampere) in zip(voltages, currents) {
            guard let volt, let ampere else { continue }
            apparent += Self.shifted(volt * abs(ampere) / 1000, voltage)
        }
        let net = value(16) ?? value(1).map { $0 - (value(2) ?? 0) }
        guard apparent > 0, let total = net.map({ abs($0) }), total > 0 else { return }
        let phases = Self.phases(value)
        if phases.count == currents.compactMap(\.self).count, phases.contains(where: { $0 != 0 }) {
            judge(total: total, phases: phases, apparent: apparent)
        } else if phases.isEmpty, !hasExport, value(2) ?? 0 == 0 {
            judge(total: total, apparent: apparent)
        }
    }

    /// The power of ten that brings all voltages to 180 to 270 V; nil when there is none.
    private static func voltage(_ voltages: [Int128]) -> Int? {
        guard !voltages.isEmpty else { return nil }
        return (-3...3).first { power in voltages.allSatisfy { (180_000...270_000).contains(shifted($0, power)) } }
    }

    /// The net power of each phase that has one.
    private static func phases(_ value: (UInt8) -> Int128?) -> [Int128] {
        [(36, 21, 22), (56, 41, 42), (76, 61, 62)].compactMap { net, taken, given in
            value(net) ?? value(taken).map { $0 - (value(given) ?? 0) }
        }
    }

    private mutating func judge(total: Int128, phases: [Int128], apparent: Int128) {
        let sum = abs(phases.reduce(0, +))
        let flows = phases.reduce(0) { $0 + abs($1) }
        // Where phases cancel out, their sum says little.
        guard sum * 10 >= flows * 3, let ofTotal = Self.power(of: total, to: sum, within: 900...1100) else { return }
        let ofFlows = Self.power(of: flows, to: apparent, within: 400...1100)
        if ofTotal == 0 {
            guard let ofFlows else { return }
            // Total and phases agree: the currents are the odd ones.
            load = flows
            powers[.power] = 0
            powers[.phasePower] = 0
            powers[.current] = -ofFlows
        } else if ofFlows == 0 {
            load = flows
            powers[.current] = 0
            powers[.phasePower] = 0
            powers[.power] = ofTotal
        } else if Self.power(of: total, to: apparent, within: 400...1100) == 0 {
            load = total
            powers[.current] = 0
            powers[.power] = 0
            powers[.phasePower] = -ofTotal
        }
        dropQuiet()
    }

    private mutating func judge(total: Int128, apparent: Int128) {
        guard let power = Self.power(of: total, to: apparent, within: 400...1100) else { return }
        // kW taken for W is a factor of a thousand; currents are known to be off by ten and a hundred, powers are not.
        if abs(power) == 3 {
            load = Self.shifted(total, power)
            powers[.power] = power
            powers[.current] = 0
        } else if abs(power) < 3 {
            load = total
            powers[.power] = 0
            powers[.current] = -power
        }
        dropQuiet()
    }

    private mutating func dropQuiet() {
        guard load < Self.smallestLoad else { return }
        load = 0
        powers = powers.filter { $0.key == .voltage }
    }

    /// The power of ten that brings `one` to that many thousandths of `other`; nil when none does.
    private static func power(of one: Int128, to other: Int128, within range: ClosedRange<Int128>) -> Int? {
        guard other > 0 else { return nil }
        return (-4...4).first { range.contains(shifted(one * 1000, $0) / other) }
    }

    private static func shifted(_ value: Int128, _ power: Int) -> Int128 {
        var value = value
        for _ in 0..<abs(power) { value = power > 0 ? value * 10 : value / 10 }
        return value
    }

    /// The number in thousandths; nil beyond the range of any meter.
    private static func thousandths(_ number: ExactDecimal) -> Int128? {
        guard number.magnitudeOrder <= 12 else { return nil }
        return shifted(Int128(number.mantissa), min(max(number.exponent + 3, -19), 15))
    }
}
