// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The differences from an earlier report; rows are matched by name.
package struct BaselineComparison {
    package let before: PlugTestReport
    package let now: PlugTestReport

    package init(before: PlugTestReport, now: PlugTestReport) {
        self.before = before
        self.now = now
    }

    private typealias Change = PlugTestReport.Change

    package var changes: PlugTestReport.Changes {
        var lines = changes(
            nil,
            [
                ("verdict", before.verdict.rawValue, now.verdict.rawValue),
                ("program", before.program.version, now.program.version),
                ("profile", before.program.profileHash, now.program.profileHash),
            ])
        let old = Dictionary(before.rows.map { ($0.name, $0) }) { first, _ in first }
        let new = Set(now.rows.map(\.name))
        for row in before.rows where !new.contains(row.name) {
            lines.append(Change(row: row.name, what: "row", before: row.harmonised.verdict.rawValue, now: "gone"))
        }
        for row in now.rows {
            guard let former = old[row.name] else {
                lines.append(Change(row: row.name, what: "row", before: "none", now: row.harmonised.verdict.rawValue))
                continue
            }
            lines += changes(former, row)
        }
        return PlugTestReport.Changes(
            sha256: before.recording.sha256, title: before.title, verdict: before.verdict, lines: lines)
    }

    private func changes(_ before: PlugTestRow, _ now: PlugTestRow) -> [Change] {
        var pairs = [
            ("as sent", before.sent.verdict.rawValue, now.sent.verdict.rawValue),
            ("harmonised", before.harmonised.verdict.rawValue, now.harmonised.verdict.rawValue),
            ("id", ReportWords.id(before), ReportWords.id(now)),
            ("reader", before.about.reader ?? before.adapter, now.about.reader ?? now.adapter),
        ]
        let states = Dictionary(before.cells.map { ($0.obis, $0.state) }) { first, _ in first }
        for cell in now.cells {
            pairs.append((cell.obis, states[cell.obis]?.rawValue ?? "not asked for", cell.state.rawValue))
        }
        pairs.append(("fixes", Self.rules(before), Self.rules(now)))
        pairs.append(("rejects", Self.reasons(before), Self.reasons(now)))
        if Self.differ(before.interval?.median, now.interval?.median, least: .seconds(1)) {
            pairs.append(("interval", Self.span(before.interval?.median), Self.span(now.interval?.median)))
        }
        if Self.differ(before.clock?.offset, now.clock?.offset, least: .seconds(10)) {
            pairs.append(("clock", Self.span(before.clock?.offset), Self.span(now.clock?.offset)))
        }
        let results = Dictionary(before.steps.map { ($0.name, $0) }) { first, _ in first }
        for step in now.steps {
            guard let former = results[step.name], former.verdict != step.verdict || former.lost != step.lost else {
                continue
            }
            pairs.append((step.name, ReportWords.step(former), ReportWords.step(step)))
        }
        return changes(now.name, pairs)
    }

    private func changes(_ row: String?, _ pairs: [(String, String, String)]) -> [Change] {
        pairs.filter { $0.1 != $0.2 }.map { Change(row: row, what: $0.0, before: $0.1, now: $0.2) }
    }

    // MARK: - Words

    private static func rules(_ row: PlugTestRow) -> String {
        row.fixes.isEmpty ? "none" : row.fixes.map(\.rule).joined(separator: ", ")
    }

    private static func reasons(_ row: PlugTestRow) -> String {
        row.rejects.isEmpty ? "none" : row.rejects.keys.sorted().joined(separator: ", ")
    }

    private static func span(_ span: TimeSpan?) -> String { span.map(ReportWords.signed) ?? "none" }

    /// True when the values differ by at least `least` and by more than a fifth: no two runs are alike.
    private static func differ(_ one: TimeSpan?, _ other: TimeSpan?, least: TimeSpan) -> Bool {
        guard let one, let other else { return one != other }
        let difference = (one - other).magnitude
        return difference >= least && difference * 5 > max(one.magnitude, other.magnitude)
    }
}
