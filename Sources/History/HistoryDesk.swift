// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Harmonizer

/// The work of the writing thread: book and file together, and the handling of a file that cannot be written.
struct HistoryDesk {
    /// A report for people.
    enum Change {
        /// The current problem; nil: it is over.
        case problem(String?)
        case news(String)
    }

    private let tell: (Change) -> Void
    private var settings: HistoryWriter.Settings?
    private var isCounter: @Sendable (OBISCode) -> Bool = { $0.isCounter }
    private var file: HistoryFile?
    private var book = HistoryBook()
    /// Readings that arrived while no file was open.
    private var waiting: [HistoryReading] = []
    private var commitsUntilTrim = 0
    private var trims = 0
    /// A file that was set aside; reported until the process ends.
    private var aside: String?
    /// When that was, by the monotonic clock.
    private var asideAt: TimeSpan?

    /// Maximum number of readings that wait while no file is open.
    private static let waitingLimit = 10_000

    init(_ tell: @escaping (Change) -> Void) { self.tell = tell }

    mutating func take(_ item: Mailbox.Item) {
        switch item {
        case .reading(let reading): take(reading)
        case .forget(let meter): forget(meter)
        case .configure(let new, let isCounter):
            self.isCounter = isCounter
            guard new != settings else { return }
            commit(at: Int64(time(nil)))
            settings = new
            file = nil
            book = HistoryBook()
            waiting = []
            commitsUntilTrim = 0
            tell(.problem(nil))
            open()
        }
    }

    private mutating func take(_ reading: HistoryReading) {
        guard let settings else { return }
        guard let file else {
            if waiting.count == Self.waitingLimit { waiting.removeFirst(Self.waitingLimit / 2) }
            waiting.append(reading)
            return
        }
        book.take(reading, keepsRaw: settings.raw > .zero, isCounter: isCounter, store: file)
    }

    // MARK: - The file

    /// Opens the file if it is not open; a damaged one is set aside.
    private mutating func open() {
        guard file == nil, let settings else { return }
        let zones = settings.zones
        let zone = settings.zone
        do throws(DatabaseError) {
            let opened = try HistoryFile(
                HistoryFile.Settings(path: settings.path, zone: { zones[$0] ?? zone }))
            file = opened
            // The book still contains what an earlier, missing file did not get.
            if book.isEmpty { book = HistoryBook(nextSeries: opened.nextSeries) }
            let held = waiting
            waiting = []
            for reading in held { take(reading) }
        } catch {
            failed(error)
        }
    }

    /// Writes pending data to the file.
    mutating func commit(at now: Int64) {
        guard let settings else { return }
        open()
        guard let file else { return }
        guard file.isInPlace else {
            tell(.news("\(settings.path) was removed; a new file is begun"))
            return begin()
        }
        do throws(DatabaseError) {
            try file.write(book)
            book.written()
            if commitsUntilTrim == 0 {
                commitsUntilTrim = 60
                try trim(file, settings, now)
                trims += 1
                // Finds damage before the old rows are needed.
                if trims % 24 == 0 { try file.check() }
            }
            commitsUntilTrim -= 1
            tell(.problem(aside))
        } catch {
            failed(error)
        }
    }

    private func trim(_ file: HistoryFile, _ settings: HistoryWriter.Settings, _ now: Int64) throws(DatabaseError) {
        // A clock that was never set must not delete anything.
        guard now > 1_577_836_800 else { return }
        try file.trim(raw: now - settings.raw.seconds, rest: settings.retention.map { now - $0.seconds } ?? 0)
    }

    private mutating func failed(_ error: DatabaseError) {
        guard let settings else { return }
        file = nil
        // A disk that damages each new file must not be filled with such files.
        let isSpoiling = asideAt.map { Mailbox.now - $0 < .hours(1) } ?? false
        guard error.isDamage, !isSpoiling else {
            book.writeFailed()
            return tell(.problem("\(settings.path) cannot be written, trying again: \(error.message)"))
        }
        var stamp = tm()
        var now = time(nil)
        gmtime_r(&now, &stamp)
        let text = "\(stamp.tm_year + 1900)\(Self.two(stamp.tm_mon + 1))\(Self.two(stamp.tm_mday))"
        let name =
            "\(settings.path).damaged-\(text)-\(Self.two(stamp.tm_hour))\(Self.two(stamp.tm_min))\(Self.two(stamp.tm_sec))"
        guard rename(settings.path, name) == 0 else {
            return tell(
                .problem("\(settings.path) is damaged, and cannot be set aside: \(String(cString: strerror(errno)))"))
        }
        for suffix in ["-wal", "-shm"] { rename(settings.path + suffix, name + suffix) }
        asideAt = Mailbox.now
        aside = "\(settings.path) was damaged (\(error.message)): it is kept as \(name), and a new file is begun"
        tell(.problem(aside))
        begin()
    }

    /// Starts with a new, empty file.
    private mutating func begin() {
        file = nil
        book = HistoryBook()
        open()
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private mutating func forget(_ meter: String) {
        waiting.removeAll { $0.meter == meter }
        book.forget(meter)
        open()
        guard settings != nil else { return }
        do throws(DatabaseError) {
            guard let file else { throw DatabaseError(code: 14, message: "the file is not open", sql: nil) }
            try file.forget(meter)
            tell(.news("everything of meter \(meter) is deleted"))
        } catch {
            tell(.problem("meter \(meter) could not be deleted: \(error.message); forget it again"))
        }
    }
}
