// SPDX-License-Identifier: Apache-2.0
import Foundation
import Page

/// The report as one self-contained HTML page: no scripts, and no fonts or pictures from elsewhere.
package struct HTMLReport {
    package let report: PlugTestReport

    package var text: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>\(safe(report.title)): \(report.verdict.rawValue)</title>
        <style>
        \(HTMLStyle.text)</style>
        </head>
        <body>
        \(head)
        <main>
        \(overview)
        \(pairs)\(changes)<section class="rows" aria-label="Rows">
        <h2>Row by row</h2>
        \(report.rows.map(details).joined(separator: "\n"))
        </section>
        </main>
        \(foot)
        </body>
        </html>

        """
    }

    // MARK: - Head and foot

    private var head: String {
        let counts = PlugTestVerdict.allCases.reversed().compactMap { verdict in
            let count = report.rows.count { $0.harmonised.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        let rows = report.rows.count == 1 ? "1 row" : "\(report.rows.count) rows"
        let strict = report.isStrict ? " · strict: repairs count as failures" : ""
        return """
            <header>
            <p class="verdict">\(badge(report.verdict))</p>
            <h1>\(safe(report.title))</h1>
            <p>\(time(report.from)) to \(time(report.to)) · \(report.duration.text) · \(report.recording.messages) messages · \
            \(rows): \(counts.joined(separator: ", "))\(strict)</p>
            </header>
            """
    }

    private var foot: String {
        let unclaimed =
            report.recording.unclaimed == 0
            ? "" : "<dt>messages of no source</dt><dd>\(report.recording.unclaimed)</dd>"
        return """
            <footer>
            <dl>
            <dt>recording SHA-256</dt><dd><code>\(safe(report.recording.sha256))</code></dd>
            <dt>obis-bridge</dt><dd>\(safe(report.program.version))</dd>
            <dt>profile</dt><dd>\(safe(report.program.profile)) <code>\(safe(report.program.profileHash))</code>, \
            \(safe(report.program.schema))</dd>
            \(unclaimed)<dt>names</dt><dd>\(report.isAnonymised ? "serials and host names are made up" : "as they are")</dd>
            </dl>
            </footer>
            """
    }

    // MARK: - The table

    private var overview: String {
        let registers = report.expected.map { expected in
            let name = expected.name.isEmpty ? expected.obis : expected.name
            return "<th scope=\"col\" class=\"code\"><abbr title=\"\(safe(name)) \(safe(expected.obis))\">"
                + "\(Self.short(expected.obis))</abbr></th>"
        }
        let columns = Self.columns.map { "<th scope=\"col\" class=\"text\">\($0.replacing(", ", with: ",<br>"))</th>" }
        return """
            <section aria-labelledby="overview">
            <h2 id="overview">Overview</h2>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="overview">
            <table class="overview">
            <thead><tr><th scope="col">row</th><th scope="col">as sent</th><th scope="col">harmonised</th>\
            \(registers.joined())\(columns.joined())</tr></thead>
            <tbody>
            \(report.rows.enumerated().map { line($0.element, number: $0.offset) }.joined(separator: "\n"))
            </tbody>
            </table>
            </div>
            <p class="legend">\(CellState.allCases.map { "<span class=\"cell \(Self.style($0))\">\(sign($0))</span> \($0.rawValue)" }.joined(separator: " "))</p>
            </section>
            """
    }

    private static let columns = [
        "id", "clock, drift", "interval, p95, longest", "messages, rejects", "fixes", "display",
    ]

    /// The values in the order of `columns`; a value with several parts has several lines.
    private static func values(_ row: PlugTestRow) -> [[String]] {
        let clock = row.clock.map {
            [ReportWords.signed($0.offset)] + ($0.drift.map { ["\(ReportWords.signed($0))/h"] } ?? [])
        }
        let interval = row.interval.map { [$0.median, $0.p95, $0.longest].map(\.text) }
        return [
            row.serials.isEmpty ? [ReportWords.id(row)] : row.serials, clock ?? ["-"],
            interval ?? ["-"], ["\(row.messages)", "\(row.rejects.values.reduce(0, +))"],
            row.fixes.isEmpty ? ["none"] : row.fixes.map { "\($0.rule)\u{a0}\($0.count)" },
            ReportWords.display(row).components(separatedBy: ", "),
        ]
    }

    private func line(_ row: PlugTestRow, number: Int) -> String {
        let cells = zip(report.expected, row.cells).map { expected, cell in
            let value = cell.value.map { " \($0) \(cell.unit ?? "")" } ?? ""
            let note = cell.note.map { ": \($0)" } ?? ""
            let words = "\(expected.obis) \(cell.state.rawValue)\(note)\(value)"
            return
                "<td class=\"cell \(Self.style(cell.state))\" data-code=\"\(Self.short(expected.obis))\" title=\"\(safe(words))\">"
                + "<span aria-hidden=\"true\">\(sign(cell.state))</span><span class=\"words\">\(cell.state.rawValue)</span></td>"
        }
        let columns = zip(Self.columns, Self.values(row)).map { title, lines in
            "<td class=\"text\(title == "fixes" ? " long" : "")\" data-label=\"\(title)\">\(lines.map(safe).joined(separator: "<br>"))</td>"
        }
        return "<tr><th scope=\"row\"><a href=\"#row-\(number)\">\(safe(row.name))</a></th>"
            + "<td data-label=\"as sent\">\(badge(row.sent.verdict))</td><td data-label=\"harmonised\">\(badge(row.harmonised.verdict))</td>"
            + cells.joined() + columns.joined() + "</tr>"
    }

    // MARK: - Pairs and changes

    private var pairs: String {
        report.pairs.map { pair in
            let rows = pair.registers.map { register in
                let isOdd = register.outside > 0
                return
                    "<tr><th scope=\"row\" class=\"code\">\(safe(Self.short(register.obis)))</th><td class=\"number\">\(register.pairs)</td>"
                    + "<td class=\"number\">\(safe("\(register.largest) \(register.unit ?? "")"))</td>"
                    + "<td class=\"number\">\(register.at.moment)</td>"
                    + "<td class=\"number\(isOdd ? " odd" : "")\">\(register.outside)</td></tr>"
            }
            return """
                <section>
                <h2>\(safe(pair.rows.joined(separator: " and "))) \(badge(pair.verdict))</h2>
                <p>Two readers of the meter \(safe(pair.meter)), register by register. Unexplained are pairs that differ by more than the \
                register moved meanwhile.</p>
                <div class="scroll" tabindex="0" role="region" aria-label="Differences"><table class="compare">
                <thead><tr><th scope="col">register</th><th scope="col">pairs</th><th scope="col">largest difference</th>\
                <th scope="col">at</th><th scope="col">unexplained</th></tr></thead>
                <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
                </section>

                """
        }.joined()
    }

    private var changes: String {
        guard let changes = report.changes else { return "" }
        let rows = changes.lines.map { change in
            "<tr><th scope=\"row\">\(safe(change.row ?? "report"))</th><td>\(safe(change.what))</td>"
                + "<td>\(safe(change.before))</td><td>\(safe(change.now))</td></tr>"
        }
        let table =
            rows.isEmpty
            ? "<p>Nothing changed.</p>"
            : """
            <div class="scroll" tabindex="0" role="region" aria-label="Changes"><table class="compare">
            <thead><tr><th scope="col">row</th><th scope="col">what</th><th scope="col">before</th><th scope="col">now</th></tr></thead>
            <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            """
        return """
            <section>
            <h2>What changed</h2>
            <p>Against \(safe(changes.title)) (\(changes.verdict.rawValue)), recording <code>\(safe(String(changes.sha256.prefix(12))))</code>.</p>
            \(table)
            </section>

            """
    }

    // MARK: - One row

    private func details(_ row: PlugTestRow) -> String {
        let number = report.rows.firstIndex { $0.name == row.name } ?? 0
        let charts = row.charts.map { ChartPicture(chart: $0, duration: report.duration, steps: report.steps).svg }
        let facts = zip(ReportWords.columns, ReportWords.values(row)).filter { $0.1 != "-" }.map {
            "<div><dt>\($0)</dt><dd>\(safe($1))</dd></div>"
        }
        return """
            <article id="row-\(number)">
            <h3>\(safe(row.name))</h3>
            <p class="who">\(safe(ReportWords.subtitle(row)))</p>
            <div class="charts">\(charts.joined(separator: "\n"))</div>
            <dl class="facts">\(facts.joined())</dl>
            <div class="judgements">
            \(judgement("As sent", row.sent))
            \(judgement("Harmonised", row.harmonised))
            </div>
            \(steps(row))\(remarks(row))\(lists(row))\(evidence(row))</article>
            """
    }

    private func judgement(_ title: String, _ judgement: PlugTestRow.Judgement) -> String {
        let findings = judgement.findings.map { finding in
            let mark = finding.verdict == .pass ? "<span class=\"badge note\">note</span>" : badge(finding.verdict)
            return "<li>\(mark) <b>\(finding.subject.rawValue)</b> \(safe(finding.text))</li>"
        }
        let list = findings.isEmpty ? "<p>Nothing to say.</p>" : "<ul>\(findings.joined())</ul>"
        return "<section><h4>\(title) \(badge(judgement.verdict))</h4>\(list)</section>"
    }

    private func steps(_ row: PlugTestRow) -> String {
        guard !row.steps.isEmpty else { return "" }
        let items = row.steps.map { "<li>\(badge($0.verdict)) <b>\(safe($0.name))</b> \(ReportWords.step($0))</li>" }
        return "<section class=\"steps\"><h4>Steps</h4><ul>\(items.joined())</ul></section>\n"
    }

    private func remarks(_ row: PlugTestRow) -> String {
        guard !row.remarks.isEmpty else { return "" }
        let items = row.remarks.map { "<li>\(safe($0))</li>" }
        return "<section class=\"steps\"><h4>In the log</h4><ul>\(items.joined())</ul></section>\n"
    }

    private func lists(_ row: PlugTestRow) -> String {
        guard row.lists.count > 1 else { return "" }
        let items = row.lists.map { list in
            let registers = list.registers == 1 ? "1 register" : "\(list.registers) registers"
            let every =
                list.interval.map { "every \($0.median.text), longest \($0.longest.text)" } ?? "once"
            return "<li>\(registers): \(list.readings) readings, \(every)</li>"
        }
        return "<details><summary>Lists of registers</summary><ul>\(items.joined())</ul></details>\n"
    }

    private func evidence(_ row: PlugTestRow) -> String {
        guard !row.evidence.isEmpty else { return "" }
        let items = row.evidence.map { item in
            let kind = item.kind == .fix ? "fix" : "message"
            return """
                <div class="evidence"><h5>\(kind) <b>\(safe(item.title))</b> <span>\(time(item.received))</span></h5>\
                <div class="sides"><pre><b>raw</b> \(safe(item.topic))
                \(safe(item.payload))</pre><pre><b>harmonised</b>
                \(item.harmonised.isEmpty ? "nothing" : item.harmonised.map(safe).joined(separator: "\n"))</pre></div></div>
                """
        }
        return
            "<details><summary>Evidence: \(row.evidence.count) messages</summary>\(items.joined(separator: "\n"))</details>\n"
    }

    // MARK: - Words

    private func safe(_ text: String) -> String { HTMLText.escaped(text) }

    private func time(_ text: String) -> String { "<time>\(safe(text))</time>" }

    private func badge(_ verdict: PlugTestVerdict) -> String {
        "<span class=\"badge \(verdict.rawValue.replacing(" ", with: "-"))\">\(verdict.rawValue)</span>"
    }

    private func sign(_ state: CellState) -> String {
        switch state {
        case .asSent: "✓"
        case .repaired: "~"
        case .derived: "Σ"
        case .absent: "–"
        case .wrong: "✗"
        case .notObserved: "?"
        }
    }

    /// `1.8.0` for `1-0:1.8.0`; codes of other media unchanged.
    private static func short(_ obis: String) -> String { obis.hasPrefix("1-0:") ? String(obis.dropFirst(4)) : obis }

    private static func style(_ state: CellState) -> String { state.rawValue.replacing(" ", with: "-") }
}
