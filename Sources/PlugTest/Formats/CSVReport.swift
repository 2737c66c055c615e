// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The report as CSV (RFC 4180) for spreadsheets: one line per row, with a column for each expected register.
package struct CSVReport {
    package let report: PlugTestReport

    package var text: String {
        let head =
            ["row", "source", "utility", "meter model", "reader", "adapter", "meter", "as sent", "harmonised"]
            + ["id", "clock offset s", "clock drift s/h", "interval median s", "interval p95 s", "interval longest s"]
            + ["messages", "readings", "rejects", "fixes", "display"] + report.steps.map { "step: \($0.name)" }
            + report.expected.map(\.obis)
        return ([head] + report.rows.map(line)).map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    private func line(_ row: PlugTestRow) -> [String] {
        let identity = [
            row.name, row.source, row.about.utility ?? "", row.about.meter ?? "", row.about.reader ?? "", row.adapter,
            row.meter ?? "", row.sent.verdict.rawValue, row.harmonised.verdict.rawValue,
            row.serials.joined(separator: " "),
        ]
        let times = [
            row.clock?.offset, row.clock?.drift, row.interval?.median, row.interval?.p95, row.interval?.longest,
        ].map { $0.map(Self.seconds) ?? "" }
        let counts = [
            "\(row.messages)", "\(row.readings)", "\(row.rejects.values.reduce(0, +))",
            row.fixes.map { "\($0.rule) \($0.count)" }.joined(separator: "; "),
            row.display.isEmpty ? "" : ReportWords.display(row),
        ]
        let steps = report.steps.map { step in
            row.steps.first { $0.name == step.name }.map(ReportWords.step) ?? ""
        }
        return identity + times + counts + steps + row.cells.map(\.state.rawValue)
    }

    /// Seconds with three decimals, for calculations.
    private static func seconds(_ span: TimeSpan) -> String {
        let milliseconds = span.milliseconds
        let rest = milliseconds.magnitude % 1000
        let digits = "\(rest)"
        let zeros = String(repeating: "0", count: 3 - digits.utf8.count)
        return "\(milliseconds < 0 ? "-" : "")\(milliseconds.magnitude / 1000).\(zeros)\(digits)"
    }

    /// First characters that make a spreadsheet read a text as a formula; ids and topics come from payloads.
    private static let formula: Set<Character> = ["=", "+", "-", "@", "\t", "\r"]

    package static func quoted(_ text: String) -> String {
        var text = text
        let isNumber = text.allSatisfy { $0.isASCII && ($0.isNumber || "-.".contains($0)) }
        if let first = text.first, formula.contains(first), !isNumber { text = "'" + text }
        guard text.contains(where: { ",\"\n\r;".contains($0) || $0 == "'" }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
