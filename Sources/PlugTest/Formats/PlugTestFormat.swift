// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The output formats of a report.
package enum PlugTestFormat: String, CaseIterable, Sendable {
    case terminal, markdown, html, json, csv

    /// - Parameter isColoured: for a terminal that shows colours.
    package func text(_ report: PlugTestReport, isColoured: Bool = false) -> String {
        switch self {
        case .terminal: TerminalReport(report: report, isColoured: isColoured).text
        case .json: report.json
        case .markdown: MarkdownReport(report: report).text
        case .html: HTMLReport(report: report).text
        case .csv: CSVReport(report: report).text
        }
    }
}

extension PlugTestReport {
    /// The report as `--baseline` reads it.
    package var json: String {
        let encoder = JSONEncoder()
        // Sorted keys: equal reports give equal text.
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) + "\n" } ?? ""
    }
}
