// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// Whole months with the nights in which clocks change, against sums that `Scripts/history-months.py` made without any code of this
/// project. `Scripts/history` runs them.
@Suite(.timeLimit(.minutes(20 * Patience.factor))) struct HistoryMonthTests {
    private static let folder = ProcessInfo.processInfo.environment["OBIS_HISTORY_MONTHS"]

    private func lines(_ file: String) throws -> [[String]] {
        let text = try String(contentsOfFile: "\(try #require(Self.folder))/\(file)", encoding: .utf8)
        return text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    @Test(.enabled(if: folder != nil), arguments: [("march", 743), ("october", 745)])
    func `each hour, each day and the month are those that were added up by hand`(_ month: String, _ hours: Int) throws
    {
        let history = try HistoryHouse(zone: try #require(Zone("Europe/Zurich")))
        for (index, words) in try lines("\(month).readings").enumerated() {
            let time = Timestamp(seconds: try #require(Int64(words[0])))
            let energy = ExactDecimal(try #require(Int64(words[1])), exponent: -3)
            let register = RegisterValue(obis: HistoryHouse.energy, value: .number(energy), unit: Unit("kWh"))
            try history.read(HistoryReading(meter: "house", time: time, registers: [register]))
            if index % 180 == 0 { try history.commit() }
        }
        try history.commit()
        let sums = try lines("\(month).sums")
        let whole = try #require(sums.first { $0[0] == "1mo" })
        let from = try #require(RFC3339.instant(whole[1]))
        let to = from + .hours(Int64(hours))
        let reader = try HistoryReader(path: history.path)
        for step in [HistoryStep.month, .day, .hour] {
            let table = try reader.table(meter: "house", register: HistoryHouse.energy, from: from, to: to, step: step)
            let found = table.rows.map { "\($0.start) \($0.energy ?? .zero)" }
            let expected = try sums.filter { $0[0] == step.rawValue }.map {
                "\(try #require(RFC3339.instant($0[1]))) \(try #require(ExactDecimal($0[2])))"
            }
            #expect(found == expected)
            print("history: \(month): \(found.count) spans of \(step.rawValue) agree to the Wh, \(table.rows.sum) kWh")
        }
    }
}
