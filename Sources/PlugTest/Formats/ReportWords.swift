// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The wording that all formats share.
package enum ReportWords {
    /// The headings of a row's columns besides the registers.
    package static let columns = [
        "id", "clock", "drift", "interval", "p95", "longest", "messages", "readings", "rejects", "fixes", "display",
    ]

    /// The values of `columns` for one row.
    package static func values(_ row: PlugTestRow) -> [String] {
        [
            id(row), row.clock.map { signed($0.offset) } ?? "-",
            row.clock?.drift.map { "\(signed($0))/h" } ?? "-", row.interval.map(\.median.text) ?? "-",
            row.interval.map(\.p95.text) ?? "-", row.interval.map(\.longest.text) ?? "-",
            "\(row.messages)", "\(row.readings)", "\(row.rejects.values.reduce(0, +))", fixes(row), display(row),
        ]
    }

    package static func id(_ row: PlugTestRow) -> String {
        if row.serials.isEmpty { return row.meter == nil ? "-" : "none" }
        return row.serials.joined(separator: ", ")
    }

    package static func fixes(_ row: PlugTestRow) -> String {
        row.fixes.isEmpty ? "none" : row.fixes.map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
    }

    package static func display(_ row: PlugTestRow) -> String {
        guard !row.display.isEmpty else { return "-" }
        return row.display.map { comparison in
            let unit = comparison.unit.map { " \($0)" } ?? ""
            guard let difference = comparison.difference else { return "\(comparison.obis) not seen" }
            return "\(comparison.obis) \(difference.hasPrefix("-") ? "" : "+")\(difference)\(unit)"
        }.joined(separator: ", ")
    }

    package static func step(_ result: PlugTestRow.StepResult) -> String {
        switch result.recovered {
        case TimeSpan.zero: "not interrupted"
        case let span?: "recovered after \(span.text), lost \(result.lost)"
        case nil: "did not recover, lost \(result.lost)"
        }
    }

    static func signed(_ span: TimeSpan) -> String { span > .zero ? "+\(span.text)" : span.text }

    package static func pair(_ register: PlugTestPair.Register) -> String {
        let unit = register.unit.map { " \($0)" } ?? ""
        let outside = register.outside == 0 ? "" : ", \(register.outside) not explained by time"
        return
            "\(register.pairs) pairs, largest difference \(register.largest)\(unit) at \(register.at.moment)\(outside)"
    }

    /// The row's meter, reader and adapter, shown beside its name.
    package static func subtitle(_ row: PlugTestRow) -> String {
        [row.about.line, row.meter.map { "meter \($0)" }, row.adapter].compactMap(\.self).joined(separator: " · ")
    }

    /// One character per cell, for narrow tables.
    static func sign(_ state: CellState) -> String {
        switch state {
        case .asSent: "="
        case .repaired: "~"
        case .derived: "+"
        case .absent: "."
        case .wrong: "!"
        case .notObserved: "?"
        }
    }

    static let legend = CellState.allCases.map { "\(sign($0)) \($0.rawValue)" }.joined(separator: "   ")
}
