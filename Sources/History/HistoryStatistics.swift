// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import Harmonizer

/// The contents of a history in numbers.
public struct HistoryStatistics: Sendable, Equatable {
    /// Size in bytes of the file and its write-ahead log.
    public var bytes: Int64
    /// Number of rows of quarter hours.
    public var quarters: Int64
    /// Number of rows of days that are over.
    public var days: Int64
    /// Number of minutes whose single readings are kept.
    public var raw: Int64
    /// The meters, sorted by name.
    public var meters: [Meter]

    /// One meter.
    public struct Meter: Sendable, Equatable {
        /// Its id.
        public var name: String
        /// The number of its registers.
        public var registers: Int
        /// When its history begins.
        public var first: Timestamp
        /// The time zone of its days.
        public var zone: String
    }
}

extension HistoryReader {
    /// Counts everything.
    public func statistics() throws(Failure) -> HistoryStatistics {
        var statistics = HistoryStatistics(
            bytes: Self.size(path) + Self.size(path + "-wal"), quarters: 0, days: 0, raw: 0, meters: [])
        do throws(DatabaseError) {
            try database.query(
                "SELECT (SELECT count(*) FROM quarter), (SELECT count(*) FROM day), (SELECT count(*) FROM raw)"
            ) {
                (statistics.quarters, statistics.days, statistics.raw) = ($0.integer(0), $0.integer(1), $0.integer(2))
            }
        } catch {
            throw .unreadable("\(error)")
        }
        statistics.meters = meterNames.compactMap { name in
            guard let first = first(of: name), let zone = zone(of: name) else { return nil }
            return HistoryStatistics.Meter(
                name: name, registers: registers(of: name).count, first: first, zone: zone.identifier)
        }
        return statistics
    }

    /// Returns the space of deleted rows to the disk. No other process may write meanwhile.
    ///
    /// - Returns: the size of the file before and after.
    public static func vacuum(path: String) throws(Failure) -> (before: Int64, after: Int64) {
        guard access(path, R_OK | W_OK) == 0 else { throw .unreadable("\(path): \(String(cString: strerror(errno)))") }
        do throws(DatabaseError) {
            let lock = try FileLock("\(path).lock")
            defer { withExtendedLifetime(lock) {} }
            let database = try Database(path)
            try database.run("PRAGMA wal_checkpoint(TRUNCATE)")
            let before = size(path)
            try database.run("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")
            return (before, size(path))
        } catch {
            throw .unreadable(error.code == 5 ? "the bridge writes it; stop it first" : "\(path): \(error)")
        }
    }

    private static func size(_ path: String) -> Int64 {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
    }
}
