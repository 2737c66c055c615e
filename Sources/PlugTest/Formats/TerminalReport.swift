// SPDX-License-Identifier: Apache-2.0
import Machine

/// The report for a terminal of 100 columns: the verdicts first, then the details of each row.
package struct TerminalReport {
    package let report: PlugTestReport
    package let isColoured: Bool

    package var text: String {
        var lines = [
            "\(bold(safe(report.title)))  \(colour(report.verdict))",
            "\(report.from) to \(report.to), \(report.duration.text), \(report.recording.messages) messages", "",
        ]
        lines += table + [""] + registers
        for row in report.rows { lines += [""] + details(row) }
        for pair in report.pairs {
            lines += [
                "",
                "\(bold(safe("\(pair.rows.joined(separator: " and ")): meter \(pair.meter)")))  \(colour(pair.verdict))",
            ]
            lines += pair.registers.map { "  \(padded($0.obis, 14))\(ReportWords.pair($0))" }
        }
        if let changes = report.changes { lines += [""] + Self.lines(changes).map(safe) }
        lines += [
            "", "recording SHA-256 \(report.recording.sha256)",
            "obis-bridge \(report.program.version), profile \(safe(report.program.profile)) \(report.program.profileHash)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    package static func lines(_ changes: PlugTestReport.Changes) -> [String] {
        let head = "against \(changes.title), recording \(changes.sha256.prefix(12))"
        guard !changes.lines.isEmpty else { return ["\(head): nothing changed"] }
        return ["\(head):"]
            + changes.lines.map { "  \($0.row.map { "\($0): " } ?? "")\($0.what): \($0.before) -> \($0.now)" }
    }

    // MARK: - Tables

    private var table: [String] {
        let width = max(3, report.rows.map { safe($0.name).count }.max() ?? 0) + 2
        let head = padded("row", width) + padded("as sent", 19) + padded("harmonised", 19) + "id"
        return [dim(head)]
            + report.rows.map { row in
                padded(safe(row.name), width) + colour(row.sent.verdict, width: 19)
                    + colour(row.harmonised.verdict, width: 19)
                    + safe(ReportWords.id(row))
            }
    }

    private var registers: [String] {
        let width = max(3, report.rows.map { safe($0.name).count }.max() ?? 0) + 2
        let codes = report.expected.map { String($0.obis.split(separator: ":").last ?? "") }
        let columns = codes.map { max($0.count, 4) + 1 }
        let head = padded("", width) + zip(codes, columns).map { padded($0, $1) }.joined()
        let rows = report.rows.map { row in
            padded(safe(row.name), width)
                + zip(row.cells, columns).map { cell, column in padded(ReportWords.sign(cell.state), column) }.joined()
        }
        return [dim(head)] + rows + [dim(ReportWords.legend)]
    }

    // MARK: - Rows

    private func details(_ row: PlugTestRow) -> [String] {
        var lines = ["\(bold(safe(row.name)))  \(dim(safe(ReportWords.subtitle(row))))"]
        let values = Array(zip(ReportWords.columns, ReportWords.values(row)).dropFirst())
        lines += [values.prefix(5), values.dropFirst(5).prefix(3)].map { part in
            "  " + part.map { "\(dim($0)) \(safe($1))" }.joined(separator: "  ")
        }
        lines += values.dropFirst(8).filter { $0.1 != "-" }.map { "  \(dim($0.0)) \(safe($0.1))" }
        lines += judgement("as sent", row.sent) + judgement("harmonised", row.harmonised)
        lines += row.remarks.map { "  log         \(safe($0))" }
        for step in row.steps {
            lines.append("  step \(safe(step.name)): \(ReportWords.step(step))  \(colour(step.verdict))")
        }
        return lines
    }

    private func judgement(_ title: String, _ judgement: PlugTestRow.Judgement) -> [String] {
        ["  \(padded(title, 12))\(colour(judgement.verdict))"]
            + judgement.findings.map { finding in
                let mark = finding.verdict == .pass ? "note" : finding.verdict.rawValue
                return "    \(padded(mark, 18)) \(padded(finding.subject.rawValue, 10)) \(safe(finding.text))"
            }
    }

    // MARK: - Characters

    /// Names and ids come from payloads.
    private func safe(_ text: String) -> String { Terminal.escaped(text) }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private func colour(_ verdict: PlugTestVerdict, width: Int = 0) -> String {
        let text = padded(verdict.rawValue, width)
        guard isColoured else { return text }
        let code =
            switch verdict {
            case .pass: 32
            case .passWithRepairs: 36
            case .notObserved: 90
            case .incomplete: 33
            case .fail: 31
            }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }

    private func bold(_ text: String) -> String { isColoured ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
    private func dim(_ text: String) -> String { isColoured ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
}
