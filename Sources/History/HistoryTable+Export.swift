// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

// Tables of several meters and registers in one CSV, and for somebody else's eyes.
extension HistoryTable {
    /// The names of the columns of `wideLines`.
    public static func wideHeader(label: HistoryLabel) -> String {
        "meter,register,unit,\(label.rawValue),energy,last,min,mean,max,complete"
    }

    /// A line a row, each with its end. What a register does not have is empty.
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

    /// Takes out what names the meter: its id, and where its counters stand.
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
