// SPDX-License-Identifier: Apache-2.0
import Machine

/// The report as Markdown for GitHub and GitLab.
package struct MarkdownReport {
    package let report: PlugTestReport

    package var text: String {
        var lines = [
            "# \(safe(report.title))", "",
            "**\(report.verdict.rawValue)**\(report.isStrict ? " (strict: repairs count as failures)" : "") · "
                + "\(report.from) to \(report.to) (\(report.duration.text)) · \(report.recording.messages) messages",
            "",
        ]
        lines += table(
            ["row", "as sent", "harmonised"] + ReportWords.columns,
            report.rows.map {
                [$0.name, $0.sent.verdict.rawValue, $0.harmonised.verdict.rawValue] + ReportWords.values($0)
            })
        lines += ["", "## Registers", ""]
        lines += table(
            ["row"] + report.expected.map { String($0.obis.split(separator: ":").last ?? "") },
            report.rows.map { [$0.name] + $0.cells.map(\.state.rawValue) })
        lines += pairs + changes
        for row in report.rows { lines += details(row) }
        lines += [
            "", "---", "",
            "Recording SHA-256 `\(report.recording.sha256)`  ",
            "obis-bridge \(report.program.version), profile \(safe(report.program.profile)) `\(report.program.profileHash)`, "
                + "schema \(safe(report.program.schema))\(report.isAnonymised ? ", anonymised" : "")",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Parts

    private var pairs: [String] {
        guard !report.pairs.isEmpty else { return [] }
        var lines = ["", "## Readers of one meter"]
        for pair in report.pairs {
            lines += [
                "",
                "\(safe(pair.rows.joined(separator: " and "))): meter \(safe(pair.meter)), **\(pair.verdict.rawValue)**",
                "",
            ]
            lines += table(
                ["register", "pairs", "largest difference", "at", "not explained by time"],
                pair.registers.map { register in
                    [
                        register.obis, "\(register.pairs)", "\(register.largest) \(register.unit ?? "")",
                        register.at.moment, "\(register.outside)",
                    ]
                })
        }
        return lines
    }

    private var changes: [String] {
        guard let changes = report.changes else { return [] }
        let lines = TerminalReport.lines(changes)
        return ["", "## Changes", "", safe(lines[0]), ""]
            + lines.dropFirst().map { "- \(safe(String($0.drop { $0 == " " })))" }
    }

    private func details(_ row: PlugTestRow) -> [String] {
        var lines = ["", "## \(safe(row.name))", "", safe(ReportWords.subtitle(row)), ""]
        for (title, judgement) in [("As sent", row.sent), ("Harmonised", row.harmonised)] {
            lines.append("**\(title): \(judgement.verdict.rawValue)**")
            lines.append("")
            for finding in judgement.findings {
                let mark = finding.verdict == .pass ? "note" : finding.verdict.rawValue
                lines.append("- \(mark) · \(finding.subject.rawValue): \(safe(finding.text))")
            }
            if !judgement.findings.isEmpty { lines.append("") }
        }
        if !row.remarks.isEmpty { lines += row.remarks.map { "- log: \(safe($0))" } + [""] }
        for step in row.steps {
            lines += ["Step \(safe(step.name)): \(ReportWords.step(step)) (\(step.verdict.rawValue))", ""]
        }
        if !row.evidence.isEmpty { lines += ["<details><summary>Evidence</summary>", ""] }
        for item in row.evidence {
            lines += ["\(item.kind == .fix ? "Fix" : "Message") `\(code(item.title))`, \(item.received)", ""]
            lines += ["    \(line(item.topic)) \(line(item.payload))"]
            lines += item.harmonised.map { "    -> \(line($0))" } + [""]
        }
        if !row.evidence.isEmpty { lines.append("</details>") }
        return lines
    }

    private func table(_ head: [String], _ rows: [[String]]) -> [String] {
        ["| \(head.map(safe).joined(separator: " | ")) |", "|\(head.map { _ in " --- " }.joined(separator: "|"))|"]
            + rows.map { "| \($0.map(safe).joined(separator: " | ")) |" }
    }

    // MARK: - Characters

    /// Escapes text from payloads: it must not create markup, table cells or links.
    private func safe(_ text: String) -> String {
        var result = ""
        for character in Terminal.escaped(text) {
            switch character {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "|", "*", "_", "`", "[", "]", "#", "\\", "~", "!": result += "\\\(character)"
            default: result.append(character)
            }
        }
        // A bare address becomes a link.
        return result.replacing("://", with: ":&#47;&#47;").replacing("www.", with: "www&#46;")
    }

    /// Escapes line ends, the only danger inside a code block.
    private func line(_ text: String) -> String { Terminal.escaped(text) }
    private func code(_ text: String) -> String { Terminal.escaped(text).replacing("`", with: "'") }
}
