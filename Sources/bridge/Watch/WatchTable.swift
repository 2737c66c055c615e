// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import PlugTest

/// The meters as a table that fits a terminal.
struct WatchTable {
    let profile: Profile
    /// The columns that the user wants; empty for the usual ones that some meter has.
    let wanted: [OBISCode]
    /// True for colours.
    let isColoured: Bool

    /// The net power, the counters of all media, then tariffs, powers and voltages as far as there is room.
    private static let usual: [OBISCode] =
        [
            "1-0:16.7.0", "1-0:1.8.0", "1-0:2.8.0", "0-1:24.2.1", "0-2:24.2.1", "0-3:24.2.1", "0-4:24.2.1",
            "0-1:24.2.3",
            "0-1:24.3.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.1", "1-0:2.8.2", "1-0:1.7.0", "1-0:2.7.0", "1-0:32.7.0",
            "1-0:52.7.0", "1-0:72.7.0",
        ].compactMap { OBISCode($0) }

    private struct Column {
        var title: String
        var isNumber: Bool
        var cells: [Cell]
        var width: Int { cells.reduce(title.count) { max($0, $1.text.count) } }
    }

    private struct Cell {
        var text: String
        var style = Style.plain
    }

    private enum Style: String {
        case plain = ""
        case dim = "2"
        case bold = "1"
        case warning = "33"
    }

    /// The lines, none wider or more than the terminal has.
    func lines(_ board: WatchBoard, at now: Timestamp, columns: Int, lines limit: Int) -> [String] {
        let meters = board.meters.values.sorted { $0.id < $1.id }
        guard !meters.isEmpty else { return board.missing.isEmpty ? ["No meters yet."] : board.missing }
        // Leaves room for a heading, and for a line with the number of further meters.
        let shown = meters.count + 1 > limit ? Array(meters.prefix(max(0, limit - 2))) : meters
        var lines = [""]
        var rows = shown.map { _ in "" }
        var used = 0
        let fixes = fixes(shown)
        for column in [ids(shown), ages(shown, at: now)] + registers(shown) + [fixes] {
            let isLast = column.title == fixes.title
            let width = isLast ? max(0, min(column.width, columns - used - 2)) : column.width
            // The fixes keep a little room.
            guard used + width + 2 <= columns - (isLast ? 0 : 12), width > 0 else { continue }
            let gap = used == 0 ? "" : "  "
            used += width + gap.count
            lines[0] += gap + styled(padded(column.title, width, column, isLast: isLast), .bold)
            for index in rows.indices {
                let cell = column.cells[index]
                rows[index] += gap + styled(padded(cell.text, width, column, isLast: isLast), cell.style)
            }
        }
        lines += rows
        if shown.count < meters.count { lines.append("… and \(meters.count - shown.count) more meters") }
        return lines
    }

    // MARK: - Columns

    private func ids(_ meters: [WatchedMeter]) -> Column {
        let cells = meters.map { meter in
            Cell(text: Printable.escaped(meter.name.map { "\($0) (\(meter.id))" } ?? meter.id))
        }
        return Column(title: "meter", isNumber: false, cells: cells)
    }

    private func ages(_ meters: [WatchedMeter], at now: Timestamp) -> Column {
        let cells = meters.map { meter in
            if meter.isOnline == false { return Cell(text: "offline", style: .warning) }
            guard let received = meter.received else { return Cell(text: "-") }
            return Cell(text: max(.zero, now - received).wholeSeconds.text)
        }
        return Column(title: "age", isNumber: true, cells: cells)
    }

    private func registers(_ meters: [WatchedMeter]) -> [Column] {
        let codes = wanted.isEmpty ? Self.usual : wanted
        return codes.compactMap { code in
            let values = meters.map { $0.registers[code] }
            guard !wanted.isEmpty || values.contains(where: { $0 != nil }) else { return nil }
            let unit = values.lazy.compactMap { $0?.unit }.first.map { " " + $0 } ?? ""
            let alias = profile.register(code)?.alias.flatMap { $0.hasPrefix("{") ? nil : $0 }
            let title = (alias ?? code.description) + unit
            let cells = values.map { register in
                guard let register else { return Cell(text: "") }
                let mark = register.quality.map { $0 == "held" ? "!" : "~" } ?? ""
                return Cell(
                    text: Printable.escaped(register.value) + mark,
                    style: mark == "!" ? .warning : mark == "~" ? .dim : .plain)
            }
            return Column(title: Printable.escaped(title), isNumber: true, cells: cells)
        }
    }

    private func fixes(_ meters: [WatchedMeter]) -> Column {
        let cells = meters.map { meter in
            Cell(
                text: Printable.escaped(meter.fixes.map(\.rule).joined(separator: " ")),
                style: meter.fixes.contains(where: \.isDoubt) ? .warning : .dim)
        }
        return Column(title: "fixes", isNumber: false, cells: cells)
    }

    // MARK: - Text

    private func padded(_ text: String, _ width: Int, _ column: Column, isLast: Bool) -> String {
        let text = text.count > width ? String(text.prefix(max(0, width - 1))) + "…" : text
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return column.isNumber ? blanks + text : isLast ? text : text + blanks
    }

    private func styled(_ text: String, _ style: Style) -> String {
        isColoured && style != .plain ? "\u{1b}[\(style.rawValue)m\(text)\u{1b}[0m" : text
    }
}
