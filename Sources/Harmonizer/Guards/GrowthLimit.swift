// SPDX-License-Identifier: Apache-2.0

/// How fast a counter may grow.
struct GrowthLimit: Sendable, Equatable {
    /// In the counter's unit.
    let perHour: ExactDecimal

    /// The limit of a counter in `unit`; nil where no limit is known.
    init?(_ unit: Unit?, settings: GuardSettings, phases: Int, maxPower: ExactDecimal? = nil) {
        guard let unit else { return nil }
        let ownPower = maxPower ?? Self.power(settings.maxPower, phases: phases)
        switch unit.dimension {
        case .activeEnergy, .reactiveEnergy, .apparentEnergy:
            perHour = ownPower.scaled(byPowerOfTen: -unit.powerOfTen)
        case .volume:
            perHour = settings.maxFlow.scaled(byPowerOfTen: -unit.powerOfTen)
        case .heat:
            // 1 W is 3600 J in an hour, and 1 GJ is 10^9 J.
            let (joule, overflow) = ownPower.mantissa.multipliedReportingOverflow(by: 36)
            guard !overflow else { return nil }
            perHour = ExactDecimal(joule, exponent: ownPower.exponent - 7 - unit.powerOfTen)
        default: return nil
        }
        guard perHour > .zero else { return nil }
    }

    private static func power(_ power: ExactDecimal, phases: Int) -> ExactDecimal {
        guard phases == 1 else { return power }
        // Two more digits, for a limit that would become zero.
        let (hundredths, overflow) = power.mantissa.multipliedReportingOverflow(by: 100)
        return overflow ? power : ExactDecimal(hundredths / 3, exponent: power.exponent - 2)
    }

    /// The growth that is possible within a span, rounded up.
    func growth(within span: TimeSpan) -> ExactDecimal {
        // Thousandths of the limit's last digit, so that a second of a small limit is not zero.
        let exact = Int128(perHour.mantissa) * Int128(max(0, span.milliseconds)) / 3600 + 1
        return ExactDecimal(Int64(clamping: exact), exponent: perHour.exponent - 3)
    }
}
