// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

// The tables of a history.
extension Database {
    /// Writes a packed row, replacing an existing one.
    func put(_ table: String, _ start: Int64, _ meter: Int64, _ body: [UInt8]) throws(DatabaseError) {
        try query(
            "INSERT OR REPLACE INTO \(table)(start, meter, body) VALUES(?, ?, ?)", .integer(start), .integer(meter),
            .bytes(body))
    }

    /// A row of `quarter` or `day`; empty when there is none.
    ///
    /// - Parameter wanted: the series to read, by number; nil for all.
    func row(
        _ table: String, _ start: Int64, _ meter: Int64, of wanted: ClosedRange<Int64>? = nil
    ) throws(DatabaseError) -> [Entry] {
        var entries: [Entry] = []
        try query("SELECT body FROM \(table) WHERE start = ? AND meter = ?", .integer(start), .integer(meter)) {
            row throws(DatabaseError) in
            guard let unpacked = Row.entries(row.bytes(0), start: start, of: wanted) else {
                throw DatabaseError(code: 11, message: "a row of \(table) cannot be read", sql: nil)
            }
            entries = unpacked
        }
        return entries
    }

    /// The quarters of a span as one row. Each is looked up by its key, because the rows of all meters are interleaved.
    func quarters(of meter: Int64, from start: Int64, to end: Int64) throws(DatabaseError) -> [Entry] {
        var entries: [Entry] = []
        for quarter in stride(from: start, to: end, by: Int(Quarter.length)) {
            entries.append(try row("quarter", quarter, meter), startingAt: quarter, isQuarter: true)
        }
        return entries
    }

    /// Calls `body` with the rows of a meter, newest first (quarters of two days, then days) until it returns true.
    func newest(of meter: Int64, zone: Zone, _ body: ([Entry]) -> Bool) throws(DatabaseError) {
        var (first, last): (Int64, Int64) = (0, 0)
        try query("SELECT min(start), max(start) FROM quarter") { (first, last) = ($0.integer(0), $0.integer(1)) }
        guard last > 0 else { return }
        let recent = max(first, zone.start(of: .day, holding: last - 86_400))
        for start in stride(from: last, through: recent, by: -Int(Quarter.length)) {
            if body(try row("quarter", start, meter)) { return }
        }
        var day = zone.start(of: .day, holding: recent - 1)
        while day >= first - 86_400 {
            var entries = try row("day", day, meter)
            if entries.isEmpty { entries = try quarters(of: meter, from: day, to: zone.end(of: .day, from: day)) }
            if body(entries) { return }
            day = zone.start(of: .day, holding: day - 1)
        }
    }

    /// Every series, by number.
    ///
    /// - Parameters:
    ///   - names: the meters' ids by their numbers.
    ///   - only: the number of the only meter whose series to read; nil for all.
    func series(_ names: [Int64: String], only: Int64? = nil) throws(DatabaseError) -> [Int64: Series] {
        var all: [Int64: Series] = [:]
        let condition = only.map { " WHERE meter = \($0)" } ?? ""
        try query("SELECT id, meter, register, unit, counter, exponent, epoch FROM series\(condition)") {
            row throws(DatabaseError) in
            guard let meter = names[row.integer(1)], let register = row.text(2).flatMap(OBISCode.init(stored:)) else {
                return
            }
            all[row.integer(0)] = Series(
                id: row.integer(0), meter: meter, register: register, unit: row.text(3),
                isCounter: row.integer(4) != 0, exponent: Int(row.integer(5)), epoch: Int(row.integer(6)))
        }
        return all
    }
}

extension OBISCode {
    /// Reads a code as written by `description`, stored values (`*1`) included.
    init?(stored text: String) {
        let parts = text.split(separator: "*")
        guard let first = parts.first, let code = OBISCode(String(first)) else { return nil }
        guard parts.count == 2, let stored = UInt8(parts[1]) else {
            self = code
            return
        }
        self.init(code.a, code.b, code.c, code.d, code.e, stored: stored)
    }
}
