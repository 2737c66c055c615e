// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Makes a row of the report from its record.
struct RowMaker {
    let setup: PlugTestSetup
    let duration: TimeSpan
    let isStrict: Bool

    func row(_ name: String, _ record: RowRecord, remarks: [String]) -> PlugTestRow {
        let profile = setup.pipeline.profile
        let result = RowJudge(row: record, settings: setup.settings, profile: profile, duration: duration).judge()
        let expected = Set(setup.settings.expected.map(\.obis))
        let main = record.lists.main(expected)
        let others = record.lists.lists.filter { $0.registers != main?.registers }
        return PlugTestRow(
            name: name, source: record.source.name, device: record.device, adapter: record.source.adapter.name,
            meter: record.meter, serials: record.serials, about: setup.about[record.source.name] ?? About(),
            sent: judgement(result.sent), harmonised: judgement(result.harmonised), cells: result.cells,
            clock: record.clock.clock, interval: main?.intervals,
            lists: ([main].compactMap(\.self) + others).map {
                PlugTestRow.List(registers: $0.registers.count, readings: $0.readings, interval: $0.intervals)
            },
            messages: record.messages, readings: record.readings, rejects: record.rejects, ignored: record.ignored,
            fixes: record.fixes.sorted { $0.key.rawValue < $1.key.rawValue }.map { rule, fix in
                PlugTestRow.FixCount(rule: rule.rawValue, level: rule.level.rawValue, count: fix.count)
            },
            display: result.display, steps: result.steps, remarks: remarks, evidence: record.evidence.evidence,
            charts: ChartMaker(row: record, profile: profile, duration: duration).charts(main: main))
    }

    /// The worst finding decides; in a strict test repairs are failures.
    private func judgement(_ findings: [PlugTestRow.Finding]) -> PlugTestRow.Judgement {
        var verdict = PlugTestVerdict.worst(findings.map(\.verdict) + [.pass])
        if isStrict, findings.contains(where: { $0.verdict == .passWithRepairs }) { verdict = .fail }
        return PlugTestRow.Judgement(
            verdict: verdict,
            findings: findings.enumerated().sorted {
                ($1.element.verdict.rank, $0.offset) < ($0.element.verdict.rank, $1.offset)
            }
            .map(\.element))
    }
}
