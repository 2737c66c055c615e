// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import Harmonizer

/// Reads a history while another thread or process may write it. For one thread at a time.
public final class HistoryReader {
    let database: Database
    private let meters: [String: Meter]
    /// The series by meter and number.
    private let series: [String: [Int64: Series]]
    let path: String

    private struct Meter {
        var id: Int64
        var zone: Zone
        var first: Int64
    }

    /// Why a query failed.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// There is no history yet, or it cannot be read.
        case unreadable(String)
        /// No meter with that id has a history.
        case unknownMeter(String)
        /// The meter has no such register.
        case unknownRegister(OBISCode)
        /// More rows than an answer may have.
        case tooManyRows(limit: Int)
        /// The query is not valid.
        case badQuestion(String)

        /// The error as a sentence.
        public var description: String {
            switch self {
            case .unreadable(let detail): "the history cannot be read: \(detail)"
            case .unknownMeter(let meter): "there is no history of a meter \"\(meter)\""
            case .unknownRegister(let register): "there is no history of register \(register)"
            case .tooManyRows(let limit):
                "that would be more than \(limit) rows: ask for a shorter time, or a longer step"
            case .badQuestion(let detail): detail
            }
        }
    }

    /// Opens a history without creating or changing anything.
    ///
    /// - Parameter only: the only meter to be queried, where there may be thousands; nil for all.
    public init(path: String, only: String? = nil) throws(Failure) {
        self.path = path
        guard access(path, R_OK) == 0 else {
            throw .unreadable("\(path): \(String(cString: strerror(errno)))")
        }
        do throws(DatabaseError) {
            let database = try Database(path, readOnly: true)
            var zones: [String: Zone] = [:]
            var names: [Int64: String] = [:]
            var meters: [String: Meter] = [:]
            try database.query("SELECT id, name, zone, first FROM meter") { row throws(DatabaseError) in
                let (name, zone) = (row.text(1) ?? "", row.text(2) ?? "UTC")
                names[row.integer(0)] = name
                if zones[zone] == nil { zones[zone] = zone == "UTC" ? .utc : Zone(zone) ?? .utc }
                meters[name] = Meter(id: row.integer(0), zone: zones[zone] ?? .utc, first: row.integer(3))
            }
            series = try database.series(names, only: only.flatMap { meters[$0]?.id }).reduce(into: [:]) {
                $0[$1.value.meter, default: [:]][$1.key] = $1.value
            }
            self.database = database
            self.meters = meters
        } catch {
            throw .unreadable("\(path): \(error)")
        }
    }

    /// The instant of `2026-11-29`, the start of that day, or of RFC 3339; nil for anything else.
    public static func instant(_ text: String, in zone: Zone) -> Timestamp? {
        if let instant = RFC3339.instant(text) { return instant }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, let year = Int(parts[0]), let month = Int(parts[1]),
            let day = Int(parts[2]),
            let wall = WallTime(year: year, month: month, day: day, hour: 12, minute: 0, second: 0)
        else { return nil }
        return Timestamp(seconds: zone.midnight(year, month, day, near: wall.instant(offset: 0)))
    }

    /// The ids of the meters that have a history.
    public var meterNames: [String] { meters.keys.sorted() }

    /// The registers of a meter that have a history.
    public func registers(of meter: String) -> [OBISCode] {
        Set((series[meter] ?? [:]).values.map(\.register)).sorted()
    }

    /// The number of a meter in the file.
    func number(of meter: String) -> Int64? { meters[meter]?.id }

    /// The series of a register, by number.
    func series(of meter: String, _ register: OBISCode) -> [Int64: Series] {
        series(of: meter).filter { $0.value.register == register }
    }

    /// All series of a meter, by number.
    func series(of meter: String) -> [Int64: Series] { series[meter] ?? [:] }

    /// The time zone of a meter's days; nil for an unknown meter.
    public func zone(of meter: String) -> Zone? { meters[meter]?.zone }

    /// When a meter's history begins; nil for an unknown meter.
    public func first(of meter: String) -> Timestamp? { meters[meter].map { Timestamp(seconds: $0.first) } }

    /// The values of a register, span by span.
    ///
    /// - Parameters:
    ///   - from: an instant in the first span.
    ///   - to: the end; the span that contains it is the last one.
    ///   - limit: maximum number of rows; nil for no limit.
    public func table(
        meter name: String, register: OBISCode, from: Timestamp, to: Timestamp, step: HistoryStep, limit: Int? = nil
    ) throws(Failure) -> HistoryTable {
        guard let meter = meters[name] else { throw .unknownMeter(name) }
        let mine = series(of: name, register).values
        guard let newest = mine.max(by: { $0.id < $1.id }) else { throw .unknownRegister(register) }
        let wanted = Dictionary(mine.filter { $0.unit == newest.unit }.map { ($0.id, $0) }) { one, _ in one }
        let start = meter.zone.start(of: step, holding: from.seconds)
        let last = meter.zone.start(of: step, holding: max(to.seconds - 1, start))
        var table = HistoryTable(
            meter: name, register: register, unit: newest.unit, isCounter: newest.isCounter, step: step,
            from: Timestamp(seconds: start), to: Timestamp(seconds: meter.zone.end(of: step, from: last)), rows: [])
        let rows: [HistoryRow]?
        do throws(DatabaseError) {
            rows = try self.rows(meter, wanted, from: start, to: to.seconds, step, limit: limit ?? .max)
        } catch {
            throw .unreadable("\(error)")
        }
        guard let rows else { throw .tooManyRows(limit: limit ?? 0) }
        table.rows = rows
        return table
    }

    /// nil for more than `limit` rows.
    private func rows(
        _ meter: Meter, _ wanted: [Int64: Series], from start: Int64, to end: Int64, _ step: HistoryStep, limit: Int
    ) throws(DatabaseError) -> [HistoryRow]? {
        var newest: Int64 = 0
        try database.query("SELECT max(start) FROM quarter") { newest = $0.integer(0) }
        // Skips the time before and after the data.
        var span = max(start, meter.zone.start(of: step, holding: meter.first))
        let end = min(end, newest + Quarter.length)
        var rows: [HistoryRow] = []
        while span < end {
            let next = meter.zone.end(of: step, from: span)
            var sum = RowSum()
            try add(meter, wanted, from: span, to: next, step, to: &sum)
            if let row = sum.row(from: span, to: next, showsPeak: step.isMadeOfDays) {
                guard rows.count < limit else { return nil }
                rows.append(row)
            }
            span = next
        }
        return rows
    }

    private func add(
        _ meter: Meter, _ wanted: [Int64: Series], from start: Int64, to end: Int64, _ step: HistoryStep,
        to sum: inout RowSum
    ) throws(DatabaseError) {
        let range = (wanted.keys.min() ?? 0)...(wanted.keys.max() ?? 0)
        guard step.isMadeOfDays else {
            for quarter in stride(from: start, to: end, by: Int(Quarter.length)) {
                let entries = try database.row("quarter", quarter, meter.id, of: range)
                add(entries, wanted, startingAt: quarter, true, to: &sum)
            }
            return
        }
        var day = start
        while day < end {
            let next = meter.zone.end(of: .day, from: day)
            let entries = try database.row("day", day, meter.id)
            if entries.isEmpty {
                // The day is not over yet, or was built for another zone.
                try add(meter, wanted, from: day, to: next, .quarter, to: &sum)
            } else {
                add(entries, wanted, startingAt: day, false, to: &sum)
            }
            day = next
        }
    }

    private func add(
        _ entries: [Entry], _ wanted: [Int64: Series], startingAt start: Int64, _ isQuarter: Bool,
        to sum: inout RowSum
    ) {
        let mine = entries.compactMap { entry in wanted[entry.series].map { (entry.bucket, $0) } }
        for (bucket, series) in mine.sorted(by: { ($0.1.id, $0.0.until) < ($1.1.id, $1.0.until) }) {
            sum.add(bucket, of: series, startingAt: start, isQuarter: isQuarter)
        }
    }
}
