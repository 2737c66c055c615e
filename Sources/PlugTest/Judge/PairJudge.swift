// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Compares two rows of the same meter, register by register.
struct PairJudge {
    let one: (name: String, record: RowRecord)
    let other: (name: String, record: RowRecord)

    /// The comparison; nil when the two rows have no register with values of about the same time.
    func pair(meter: String) -> PlugTestPair? {
        let codes = one.record.registers.keys.filter { other.record.registers[$0] != nil }.sorted()
        let registers = codes.compactMap(register)
        guard !registers.isEmpty else { return nil }
        let isWrong = registers.contains { register in
            register.outside > 0 && (OBISCode(register.obis)?.isCounter ?? false)
        }
        return PlugTestPair(
            meter: meter, rows: [one.name, other.name], registers: registers, verdict: isWrong ? .fail : .pass)
    }

    private func register(_ obis: OBISCode) -> PlugTestPair.Register? {
        guard let first = one.record.registers[obis], let second = other.record.registers[obis] else { return nil }
        let tolerance = max(Self.step(first), Self.step(second), .seconds(1))
        let digit = ExactDecimal(1, exponent: -min(first.decimals, second.decimals))
        var result = PlugTestPair.Register(
            obis: obis.description, pairs: 0, largest: "0", unit: (first.unit ?? second.unit)?.symbol, at: .zero,
            outside: 0
        )
        var largest = ExactDecimal.zero
        for sample in first.samples {
            guard let match = second.nearest(sample.time), (match.time - sample.time).magnitude <= tolerance,
                let difference = sample.value.subtracting(match.value)?.magnitude
            else { continue }
            result.pairs += 1
            if difference > largest {
                largest = difference
                result.at = sample.time
            }
            if !Self.isWithin(sample.value, second.samples(near: sample.time, within: 2 * tolerance), digit) {
                result.outside += 1
            }
        }
        result.largest = largest.description
        return result.pairs == 0 ? nil : result
    }

    /// True when the value lies between the other row's lowest and highest value around that time, within one last
    /// digit of the coarser row.
    private static func isWithin(
        _ value: ExactDecimal, _ samples: ArraySlice<RegisterRecord.Sample>, _ digit: ExactDecimal
    ) -> Bool {
        guard let lowest = samples.map(\.value).min()?.subtracting(digit),
            let highest = samples.map(\.value).max()?.adding(digit)
        else { return true }
        return lowest <= value && value <= highest
    }

    /// The usual time between two samples.
    private static func step(_ record: RegisterRecord) -> TimeSpan {
        Statistics.median(PlugTestRow.Intervals.spans(record.samples.map(\.time))) ?? .zero
    }
}
