// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// A house whose history is written without a thread: readings in, commits when the test says so.
final class HistoryHouse {
    static let energy = OBISCode(1, 0, 1, 8, 0)
    static let power = OBISCode(1, 0, 1, 7, 0)

    let directory: TemporaryDirectory
    let zone: Zone
    private var opened: HistoryFile?
    var book: HistoryBook
    var keepsRaw = false

    var path: String { "\(directory.path)/history.db" }

    init(zone: Zone = .utc) throws {
        directory = try TemporaryDirectory()
        self.zone = zone
        book = HistoryBook()
        try reopen()
    }

    var file: HistoryFile { get throws { try #require(opened) } }

    /// Ends as a killed process does: what was not committed is gone.
    func reopen(zone: Zone? = nil) throws {
        let zone = zone ?? self.zone
        opened = nil
        let file = try HistoryFile(HistoryFile.Settings(path: path, zone: { _ in zone }))
        opened = file
        book = HistoryBook(nextSeries: file.nextSeries)
    }

    func commit() throws {
        try file.write(book)
        book.written()
    }

    func read(_ reading: HistoryReading) throws {
        try book.take(reading, keepsRaw: keepsRaw, isCounter: \.isCounter, store: file)
    }

    /// A reading of the counter of import.
    func count(_ value: String, at time: String, meter: String = "house", begins: Bool = false) throws {
        try read(Self.reading([(Self.energy, value, "kWh")], at: time, meter: meter, begins: begins))
    }

    static func reading(
        _ values: [(OBISCode, String, String?)], at time: String, meter: String = "house", begins: Bool = false
    ) throws -> HistoryReading {
        let instant = try #require(RFC3339.instant(time))
        return try reading(values, at: instant, meter: meter, begins: begins)
    }

    static func reading(
        _ values: [(OBISCode, String, String?)], at instant: Timestamp, meter: String = "house", begins: Bool = false
    ) throws -> HistoryReading {
        let registers = try values.map { obis, value, unit in
            RegisterValue(
                obis: obis, value: .number(try #require(ExactDecimal(value))), unit: unit.flatMap { Unit($0) })
        }
        let fixes =
            begins
            ? [Fix(.counterConfirmed, fields: values.map(\.0.description), action: .accept, by: "serial")] : []
        return HistoryReading(meter: meter, time: instant, registers: registers, fixes: fixes)
    }

    /// Commits, and asks as another process would.
    func table(
        _ step: HistoryStep, from: String, to: String, register: OBISCode = HistoryHouse.energy, meter: String = "house"
    ) throws -> HistoryTable {
        try commit()
        return try HistoryReader(path: path).table(
            meter: meter, register: register, from: try #require(RFC3339.instant(from)),
            to: try #require(RFC3339.instant(to)), step: step)
    }

    /// `start energy last`, with a star where a span is not complete; or `start min mean max`.
    func lines(
        _ step: HistoryStep, from: String, to: String, register: OBISCode = HistoryHouse.energy, meter: String = "house"
    ) throws -> [String] {
        try table(step, from: from, to: to, register: register, meter: meter).rows.map(\.line)
    }
}

extension HistoryRow {
    var line: String {
        let star = isComplete ? "" : " *"
        switch content {
        case .counter(let energy, let last, _): return "\(start) \(energy) \(last)\(star)"
        case .momentary(let min, let mean, let max): return "\(start) \(min) \(mean) \(max)\(star)"
        }
    }

    var energy: ExactDecimal? {
        if case .counter(let energy, _, _) = content { energy } else { nil }
    }
}

extension [HistoryRow] {
    var sum: ExactDecimal { compactMap(\.energy).reduce(.zero) { $0.adding($1) ?? $0 } }
}
