// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reduces the values of a row to the points of small charts.
struct ChartMaker {
    let row: RowRecord
    let profile: Profile
    let duration: TimeSpan

    /// Parts of a chart: enough for a printed page, small enough for twelve rows.
    private static let buckets: Int64 = 120

    /// Charts of power, voltage and energy, where the row has values, and of the main list's intervals.
    func charts(main list: ListRecords.List?) -> [PlugTestRow.Chart] {
        let choices =
            [[1, 16, 2], [32, 52, 72]].map { $0.map { OBISCode(1, 0, $0, 7, 0) } } + [[OBISCode(1, 0, 1, 8, 0)]]
        var charts = choices.compactMap { codes in
            codes.lazy.compactMap { chart($0) }.first
        }
        if charts.isEmpty {
            charts = row.registers.keys.sorted().lazy.compactMap { chart($0) }.prefix(2).map(\.self)
        }
        let arrivals = list?.arrivals ?? []
        let spans = zip(arrivals.dropFirst(), arrivals).map { [$0.milliseconds, ($0 - $1).milliseconds] }
        if spans.count > 1 {
            charts.append(PlugTestRow.Chart(title: "interval", unit: "s", points: thinned(spans)))
        }
        return charts
    }

    private func chart(_ obis: OBISCode) -> PlugTestRow.Chart? {
        guard let record = row.registers[obis], record.samples.count > 1 else { return nil }
        let points = record.samples.compactMap { sample -> [Int64]? in
            Self.thousandths(sample.value).map { [sample.arrival.milliseconds, $0] }
        }
        guard points.count > 1 else { return nil }
        return PlugTestRow.Chart(
            title: profile.register(obis)?.alias ?? obis.description, unit: record.unit?.symbol ?? "",
            points: thinned(points.sorted { $0[0] < $1[0] }))
    }

    /// The lowest and the highest point of each part of the run, in order of time, so that peaks stay visible.
    private func thinned(_ points: [[Int64]]) -> [[Int64]] {
        guard points.count > 2 * Int(Self.buckets) else { return points }
        let width = max(1, duration.milliseconds / Self.buckets + 1)
        var result: [[Int64]] = []
        for bucket in Dictionary(grouping: points, by: { $0[0] / width }).sorted(by: { $0.key < $1.key }) {
            let lowest = bucket.value.min { ($0[1], $0[0]) < ($1[1], $1[0]) } ?? []
            let highest = bucket.value.max { ($0[1], $0[0]) < ($1[1], $1[0]) } ?? []
            result += lowest == highest ? [lowest] : [lowest, highest].sorted { $0[0] < $1[0] }
        }
        return result
    }

    private static func thousandths(_ number: ExactDecimal) -> Int64? {
        let scaled = number.scaled(byPowerOfTen: 3).rounded(toDecimals: 0)
        return Int64(scaled.description)
    }
}
