// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Compares the rise of a counter with the integral of its power: the only check that tells W from kW without voltages
/// and currents.
///
/// Binary floating point is enough: the result is only a power of ten, and none of the numbers is published.
struct EnergyBalance {
    /// The power of ten by which the power would have to be multiplied; 0 when both agree, nil when there is too little
    /// data or no power of ten fits.
    let power: Int?

    /// - Parameters:
    ///   - energy: in thousands of `power`'s unit times an hour (kWh for W).
    init(power: [RegisterRecord.Sample], energy: [RegisterRecord.Sample], energyDecimals: Int) {
        self.power = Self.compare(power, energy, resolution: Self.ten(-energyDecimals))
    }

    /// The minimum rise of the counter, in steps of its last digit.
    private static let steps = 10.0
    /// The time that both must cover at least.
    private static let shortest = TimeSpan.minutes(2)

    private static func compare(
        _ power: [RegisterRecord.Sample], _ energy: [RegisterRecord.Sample], resolution: Double
    ) -> Int? {
        guard let first = energy.first, let last = energy.last, last.time - first.time >= shortest else { return nil }
        let during = power.filter { (first.time...last.time).contains($0.time) }
        guard during.count >= 6, let start = during.first?.time, let end = during.last?.time, end - start >= shortest
        else {
            return nil
        }
        var expected = 0.0
        for (next, one) in zip(during.dropFirst(), during) {
            expected += (number(one.value) + number(next.value)) / 2 * hours(next.time - one.time) / 1000
        }
        expected *= hours(last.time - first.time) / hours(end - start)
        let risen = number(last.value) - number(first.value)
        guard risen >= steps * resolution, expected > 0 else { return nil }
        return (-4...4).first { (0.4...2.5).contains(risen / expected / ten($0)) }
    }

    private static func hours(_ span: TimeSpan) -> Double { Double(span.milliseconds) / 3_600_000 }

    private static func number(_ value: ExactDecimal) -> Double { Double(value.mantissa) * ten(value.exponent) }

    private static func ten(_ power: Int) -> Double {
        var result = 1.0
        for _ in 0..<min(abs(power), 60) { result *= 10 }
        return power < 0 ? 1 / result : result
    }
}
