// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

// Tables of several meters and registers in one CSV, and tables to share with others.
extension HistoryTable {
    /// The names of the columns of `wideLines`.
    public static func wideHeader(label: HistoryLabel) -> String {
        "meter,register,unit,\(label.rawValue),energy,last,min,mean,max,complete"
    }

    /// One line per row, each with a line end. Columns that a register does not have are empty.
    public func wideLines(label: HistoryLabel) -> String {
        rows.map { row in
            let numbers =
                switch row.content {
                case .counter(let energy, let last, _): "\(energy),\(last),,,"
                case .momentary(let min, let mean, let max): ",,\(min),\(mean),\(max)"
                }
            let time = label == .start ? row.start : row.end
            return "\(meter),\(register),\(unit ?? ""),\(time),\(numbers),\(row.isComplete)\n"
        }.joined()
    }

    /// Removes what identifies the meter: its id and the readings of its counters.
    public mutating func anonymise(as name: String) {
        meter = name
        var total = ExactDecimal.zero
        for index in rows.indices {
            guard case .counter(let energy, _, let peak) = rows[index].content else { continue }
            total = total.adding(energy) ?? total
            rows[index].content = .counter(energy: energy, last: total, peak: peak)
        }
    }
}
