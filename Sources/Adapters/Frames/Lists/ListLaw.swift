// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Rules that the values of every meter must satisfy: they distinguish a right table from a wrong one.
enum ListLaw: String, Sendable, CaseIterable {
    /// A counter equals the sum of its tariffs.
    case sum
    /// A grid has about 58, 100, 120, 230 or 400 V; a phase that is off has 0 V.
    case voltage
    /// Power is at most voltage times current.
    case current
    /// The power of a phase is voltage times current times power factor.
    case powerFactor = "power-factor"

    /// The result of checking a table's values.
    enum Finding: Sendable, Comparable {
        /// The values cannot be right.
        case contradicted
        /// The values prove nothing.
        case silent
        /// The values agree, and with any other power of ten they would not.
        case proven
    }

    /// Checks the registers of one message.
    func finding(in registers: [Observation]) -> Finding {
        switch self {
        case .sum: Self.sum(registers)
        case .voltage: Self.voltage(registers)
        case .current: Self.current(registers)
        case .powerFactor: Self.powerFactor(registers)
        }
    }

    private static func sum(_ registers: [Observation]) -> Finding {
        var finding = Finding.silent
        for total in registers where total.obis.d == 8 && total.obis.e == 0 && total.obis.f == 255 {
            guard case .number(let whole) = total.value else { continue }
            var sum = 0.0
            var count = 0
            for part in registers where part.obis.c == total.obis.c && part.obis.d == 8 && part.obis.e > 0 {
                guard case .number(let number) = part.value, part.obis.a == total.obis.a else { continue }
                sum += number.approximation
                count += 1
            }
            guard count > 1 else { continue }
            // Each tariff is truncated to whole units.
            if abs(whole.approximation - sum) > Double(count) { return .contradicted }
            if sum > 0 { finding = .proven }
        }
        return finding
    }

    private static func voltage(_ registers: [Observation]) -> Finding {
        var finding = Finding.silent
        var isLow = false
        for phase in 0..<3 {
            guard let volts = value(of: UInt8(32 + 20 * phase), registers) else { continue }
            switch volts {
            case 0: break
            case 50...150, 170...290, 380...480: finding = .proven
            case ..<50: isLow = true
            default: return .contradicted
            }
        }
        // One phase that is off may have a few volts, but not all phases.
        return isLow && finding == .silent ? .contradicted : finding
    }

    private static func current(_ registers: [Observation]) -> Finding {
        var apparent = 0.0
        var count = 0
        for phase in 0..<3 {
            guard let volts = value(of: UInt8(32 + 20 * phase), registers),
                let amperes = value(of: UInt8(31 + 20 * phase), registers)
            else { continue }
            apparent += volts * amperes
            count += 1
        }
        guard count > 0, let power = power(registers) else { return .silent }
        // Allows for currents below their last digit, and for a grid without neutral, where only two of three currents
        // are sent.
        if power > 1.2 * apparent + 100 { return .contradicted }
        return power >= 20 && power >= 0.5 * apparent && power <= 1.1 * apparent ? .proven : .silent
    }

    private static func powerFactor(_ registers: [Observation]) -> Finding {
        var finding = Finding.silent
        for phase in 0..<3 {
            let base = UInt8(20 * phase)
            guard let volts = value(of: 32 + base, registers), let amperes = value(of: 31 + base, registers),
                let factor = value(of: 33 + base, registers), factor >= 0.02, volts * amperes >= 100
            else { continue }
            let power = max(value(of: 21 + base, registers) ?? 0, value(of: 22 + base, registers) ?? 0)
            let expected = volts * amperes * factor
            // The factor has only two digits.
            let ratio = power / expected
            if ratio < 0.4 || ratio > 2.5 { return .contradicted }
            finding = .proven
        }
        return finding
    }

    private static func power(_ registers: [Observation]) -> Double? {
        if let net = value(of: 16, registers) { return abs(net) }
        guard let imported = value(of: 1, registers) else { return nil }
        return max(imported, value(of: 2, registers) ?? 0)
    }

    private static func value(of quantity: UInt8, _ registers: [Observation]) -> Double? {
        for register in registers
        where register.obis.c == quantity && register.obis.d == 7 && register.obis.e == 0 && register.obis.a == 1 {
            if case .number(let number) = register.value, register.unit != nil { return number.approximation }
        }
        return nil
    }
}

extension ExactDecimal {
    /// The nearest binary number: precise enough to compare, never published.
    fileprivate var approximation: Double {
        var value = Double(mantissa)
        let steps = abs(exponent)
        guard steps < 40 else { return exponent > 0 ? .infinity : 0 }
        for _ in 0..<steps { value = exponent > 0 ? value * 10 : value / 10 }
        return value
    }
}
