// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Harmonizer

/// The history in its file, for the thread that writes it.
///
/// Tables: `meter` (name, zone, first quarter), `series` (register, unit, power of ten, epoch), and three of packed
/// rows for a meter and a span: `raw` (readings between two commits), `quarter`, and `day`, which is built from
/// `quarter` when a day is over.
final class HistoryFile {
    /// The settings to open it with.
    struct Settings {
        var path: String
        /// The time zone of a meter's days.
        var zone: (_ meter: String) -> Zone
    }

    let database: Database
    let settings: Settings
    private let lock: FileLock
    private let place: FilePlace?
    private var meters: [String: Meter] = [:]
    private var series: [Int64: Series] = [:]
    /// The first read error since the last commit.
    private(set) var readError: DatabaseError?

    private struct Meter {
        var id: Int64
        var zone: Zone
        /// The start of its first quarter.
        var first: Int64
        /// The day of its newest quarter; nil before a quarter was written or looked up.
        var day: Int64?
    }

    /// The version of the tables, in `user_version`.
    static let version: Int64 = 1

    /// Opens the file, or creates it with mode 0600, which SQLite also gives the write-ahead log.
    init(_ settings: Settings) throws(DatabaseError) {
        lock = try FileLock("\(settings.path).lock")
        let descriptor = open(settings.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DatabaseError(errno: errno) }
        close(descriptor)
        self.settings = settings
        place = FilePlace(settings.path)
        database = try Database(settings.path)
        try prepare()
        try load()
    }

    private func prepare() throws(DatabaseError) {
        var mode = ""
        try database.query("PRAGMA journal_mode = WAL") { mode = $0.text(0) ?? "" }
        // One commit a minute: waiting for the disk costs nothing, and a power cut loses nothing that was committed.
        try database.run("PRAGMA synchronous = FULL")
        var synchronous: Int64 = 0
        try database.query("PRAGMA synchronous") { synchronous = $0.integer(0) }
        guard mode == "wal", synchronous == 2 else {
            throw DatabaseError(
                code: 1, message: "no write-ahead log: journal \(mode), synchronous \(synchronous)", sql: nil)
        }
        // Data deleted by `forget` and `retention` must not remain in free pages.
        try database.run("PRAGMA secure_delete = ON")
        var version: Int64 = 0
        try database.query("PRAGMA user_version") { version = $0.integer(0) }
        guard version <= Self.version else {
            throw DatabaseError(code: 1, message: "written by a newer version of obis-bridge", sql: nil)
        }
        try check()
        if version == 0 { try database.transaction { () throws(DatabaseError) in try database.run(Self.tables) } }
    }

    private static let tables = """
        CREATE TABLE meter(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, zone TEXT NOT NULL, first INTEGER NOT NULL) STRICT;
        CREATE TABLE series(
            id INTEGER PRIMARY KEY, meter INTEGER NOT NULL, register TEXT NOT NULL, unit TEXT, counter INTEGER NOT NULL,
            exponent INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT;
        CREATE TABLE raw(start INTEGER, meter INTEGER, body BLOB NOT NULL, PRIMARY KEY(start, meter)) WITHOUT ROWID, STRICT;
        CREATE TABLE quarter(start INTEGER, meter INTEGER, body BLOB NOT NULL, PRIMARY KEY(start, meter)) WITHOUT ROWID, STRICT;
        CREATE TABLE day(start INTEGER, meter INTEGER, body BLOB NOT NULL, PRIMARY KEY(start, meter)) WITHOUT ROWID, STRICT;
        PRAGMA application_id = 1868722547;
        PRAGMA user_version = \(version);
        """

    private func load() throws(DatabaseError) {
        var names: [Int64: String] = [:]
        var moved: [(id: Int64, zone: String)] = []
        // Deletes the names of meters and series of which `retention` left nothing.
        for table in ["series WHERE meter", "meter WHERE id"] {
            try database.run("DELETE FROM \(table) NOT IN (SELECT meter FROM quarter UNION SELECT meter FROM raw)")
        }
        try database.query("SELECT id, name, zone, first FROM meter") { row throws(DatabaseError) in
            let name = row.text(1) ?? ""
            names[row.integer(0)] = name
            let zone = settings.zone(name)
            meters[name] = Meter(id: row.integer(0), zone: zone, first: row.integer(3))
            if row.text(2) != zone.identifier { moved.append((row.integer(0), zone.identifier)) }
        }
        // The meter's days begin at other times now: the reader builds past days from their quarters.
        for (id, zone) in moved {
            try database.query("DELETE FROM day WHERE meter = ?", .integer(id))
            try database.query("UPDATE meter SET zone = ? WHERE id = ?", .text(zone), .integer(id))
        }
        series = try database.series(names)
    }

    /// False when the file was removed or replaced by another one.
    var isInPlace: Bool { place == FilePlace(settings.path) }

    /// Throws when the file is damaged.
    func check() throws(DatabaseError) {
        var damage = "ok"
        try database.query("PRAGMA quick_check(1)") { damage = $0.text(0) ?? "ok" }
        guard damage == "ok" else { throw DatabaseError(code: 11, message: damage, sql: "PRAGMA quick_check") }
    }

    /// A number that no series uses.
    var nextSeries: Int64 { (series.keys.max() ?? 0) + 1 }
}

// MARK: - Reading back

extension HistoryFile: HistoryStore {
    func quarter(startingAt start: Int64, of meter: String) -> [Entry] {
        guard let id = meters[meter]?.id else { return [] }
        return attempt([]) { () throws(DatabaseError) in try database.row("quarter", start, id) }
    }

    /// The newest value of each register: from the quarters of the last two days, and from the days before.
    func heads(of meter: String) -> [OBISCode: MeterBook.Head] {
        guard let id = meters[meter]?.id else { return [:] }
        return attempt([:]) { () throws(DatabaseError) in
            var newest: [OBISCode: Series] = [:]
            for one in series.values where one.meter == meter && one.id > newest[one.register]?.id ?? 0 {
                newest[one.register] = one
            }
            var heads: [OBISCode: MeterBook.Head] = [:]
            try database.newest(of: id, zone: settings.zone(meter)) { entries in
                for entry in entries {
                    guard let series = self.series[entry.series], newest[series.register] == series,
                        heads[series.register] == nil
                    else { continue }
                    heads[series.register] = MeterBook.Head(
                        series: series, value: entry.bucket.content.newest, second: entry.bucket.until)
                }
                return heads.count == newest.count
            }
            return heads
        }
    }

    private func attempt<Result>(_ otherwise: Result, _ body: () throws(DatabaseError) -> Result) -> Result {
        do {
            return try body()
        } catch {
            readError = readError ?? error
            return otherwise
        }
    }
}

// MARK: - Writing

extension HistoryFile {
    /// Writes everything in a book that is not in the file, as one transaction.
    func write(_ book: HistoryBook) throws(DatabaseError) {
        defer { readError = nil }
        if let readError { throw readError }
        var written = meters
        try database.transaction { () throws(DatabaseError) in
            let changed = book.meters.values.filter { !$0.changed.isEmpty }
            for meter in changed { try add(meter.meter, to: &written, first: meter.changed.min() ?? 0) }
            for series in book.began { try insert(series, written) }
            for meter in changed { try write(meter, into: &written) }
            for (name, block) in book.raw {
                guard let id = written[name]?.id else { continue }
                try database.put("raw", block.start, id, block.bytes)
            }
        }
        meters = written
        for one in book.began { series[one.id] = one }
    }

    private func write(_ book: MeterBook, into meters: inout [String: Meter]) throws(DatabaseError) {
        guard var meter = meters[book.meter] else { return }
        for (start, entries) in book.pending {
            try database.put("quarter", start, meter.id, Row.packed(entries, start: start))
            let day = meter.zone.start(of: .day, holding: start)
            if let known = meter.day, day != known {
                // The day before is over, or a past day got another quarter.
                try makeDay(min(known, day), of: meter)
                meter.day = max(known, day)
            } else if meter.day == nil {
                try makeDays(before: day, of: meter)
                meter.day = day
            }
        }
        meters[book.meter] = meter
    }

    private func add(
        _ name: String, to meters: inout [String: Meter], first: Int64
    ) throws(DatabaseError) {
        guard let known = meters[name] else {
            let id = (meters.values.map(\.id).max() ?? 0) + 1
            let meter = Meter(id: id, zone: settings.zone(name), first: first)
            try database.query(
                "INSERT INTO meter(id, name, zone, first) VALUES(?, ?, ?, ?)", .integer(id), .text(name),
                .text(meter.zone.identifier), .integer(first))
            meters[name] = meter
            return
        }
        guard first < known.first else { return }
        try database.query("UPDATE meter SET first = ? WHERE id = ?", .integer(first), .integer(known.id))
        meters[name]?.first = first
    }

    private func insert(_ series: Series, _ meters: [String: Meter]) throws(DatabaseError) {
        guard let meter = meters[series.meter] else { return }
        try database.query(
            "INSERT INTO series(id, meter, register, unit, counter, exponent, epoch) VALUES(?, ?, ?, ?, ?, ?, ?)",
            .integer(series.id), .integer(meter.id), .text(series.register.description), .text(series.unit),
            .integer(series.isCounter ? 1 : 0), .integer(Int64(series.exponent)), .integer(Int64(series.epoch)))
    }

    /// Builds the days that ended while the program did not run.
    private func makeDays(before day: Int64, of meter: Meter) throws(DatabaseError) {
        var past = day
        for _ in 0..<8 {
            past = meter.zone.start(of: .day, holding: past - 1)
            if try !database.row("day", past, meter.id).isEmpty { return }
            try makeDay(past, of: meter)
        }
    }

    private func makeDay(_ start: Int64, of meter: Meter) throws(DatabaseError) {
        let entries = try database.quarters(
            of: meter.id, from: start, to: meter.zone.end(of: .day, from: start))
        if !entries.isEmpty { try database.put("day", start, meter.id, Row.packed(entries, start: start)) }
    }

    /// Deletes rows beyond their retention.
    func trim(raw: Int64, rest: Int64) throws(DatabaseError) {
        try database.transaction { () throws(DatabaseError) in
            try database.query("DELETE FROM raw WHERE start < ?", .integer(raw * 1000))
            try database.query("DELETE FROM quarter WHERE start < ?", .integer(rest))
            try database.query("DELETE FROM day WHERE start < ?", .integer(rest))
            try database.query("UPDATE meter SET first = ? WHERE first < ?", .integer(rest), .integer(rest))
        }
    }

    /// Deletes everything of a meter, also from the write-ahead log.
    func forget(_ name: String) throws(DatabaseError) {
        guard let meter = meters[name] else { return }
        try database.transaction { () throws(DatabaseError) in
            for table in ["raw", "quarter", "day", "series"] {
                try database.query("DELETE FROM \(table) WHERE meter = ?", .integer(meter.id))
            }
            try database.query("DELETE FROM meter WHERE id = ?", .integer(meter.id))
        }
        meters[name] = nil
        series = series.filter { $0.value.meter != name }
        try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }
}

extension Bucket.Content {
    /// The newest value of a counter; nil for a momentary value, which is not kept.
    fileprivate var newest: Int64? {
        switch self {
        case .counter(let counter): counter.last
        case .momentary: nil
        }
    }
}
