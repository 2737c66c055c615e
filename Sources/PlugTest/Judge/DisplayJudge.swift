// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Compares readings of the meter's display with the published values.
struct DisplayJudge {
    let row: RowRecord
    let settings: PlugTestSettings
    let duration: TimeSpan

    /// The time around the noted one that counts as well: people need a moment to read and to write.
    private static let patience = TimeSpan.minutes(1)

    var comparisons: [PlugTestRow.DisplayComparison] {
        settings.display.filter { $0.source == row.source.name }.map(compare)
    }

    private func compare(_ display: DisplayReading) -> PlugTestRow.DisplayComparison {
        let record = row.registers[display.obis]
        let text = display.value.description + (display.unit.map { " \($0)" } ?? "")
        var comparison = PlugTestRow.DisplayComparison(
            obis: display.obis.description, display: text, unit: record?.unit?.symbol, agrees: false)
        let power = record?.unit.flatMap { unit in display.unit?.powerOfTen(to: unit) } ?? 0
        let shown = display.value.scaled(byPowerOfTen: power)
        guard let record, let nearest = nearest(display, in: record) else { return comparison }
        comparison.value = nearest.value.description
        comparison.difference = nearest.value.subtracting(shown)?.description
        // A display truncates after its last digit, and the meter goes on counting during the reading.
        let digit = ExactDecimal(1, exponent: power - display.decimals)
        let values = near(display, in: record).map(\.value)
        guard let lowest = values.min(), let highest = values.max(), let top = highest.adding(digit),
            let bottom = lowest.subtracting(digit)
        else { return comparison }
        comparison.agrees = bottom < shown && shown < top
        return comparison
    }

    private func nearest(_ display: DisplayReading, in record: RegisterRecord) -> RegisterRecord.Sample? {
        guard let at = display.at else { return record.samples.last }
        return record.nearest(at.offset(from: row.start))
    }

    private func near(_ display: DisplayReading, in record: RegisterRecord) -> ArraySlice<RegisterRecord.Sample> {
        guard let at = display.at?.offset(from: row.start) else { return record.samples[...] }
        let near = record.samples(near: at, within: Self.patience)
        return near.isEmpty ? [nearest(display, in: record)].compactMap(\.self)[...] : near
    }

    static func sentence(_ comparison: PlugTestRow.DisplayComparison) -> String {
        guard let value = comparison.value else {
            return "\(comparison.obis) never came, the display shows \(comparison.display)"
        }
        let unit = comparison.unit.map { " \($0)" } ?? ""
        return "\(comparison.obis) is \(value)\(unit), the display shows \(comparison.display)"
    }
}
