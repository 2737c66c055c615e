// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import Harmonizer

/// Writes the history on a thread of its own: one commit a minute, however much arrives.
///
/// Callers that add readings never wait. What the disk does not accept stays in memory as far as necessary: the quarter
/// hours, which a later commit writes, and raw readings up to a limit. A damaged file is kept under another name, and a
/// new one is started.
public final class HistoryWriter: Sendable {
    /// What to keep, and where.
    public struct Settings: Sendable, Equatable {
        /// The file.
        public var path: String
        /// How long quarter hours and days are kept; nil for ever.
        public var retention: TimeSpan?
        /// How long raw readings are kept; zero for not at all.
        public var raw: TimeSpan
        /// The time zone of days.
        public var zone: Zone
        /// The time zones of meters with other zones.
        public var zones: [String: Zone]

        /// Creates settings.
        public init(
            path: String, retention: TimeSpan? = 25 * .seconds(2_629_746), raw: TimeSpan = .days(7), zone: Zone,
            zones: [String: Zone] = [:]
        ) {
            self.path = path
            self.retention = retention
            self.raw = raw
            self.zone = zone
            self.zones = zones
        }
    }

    /// Logs a sentence for people, as a problem or as news.
    public typealias Log = @Sendable (_ isProblem: Bool, _ sentence: String) -> Void

    private let mailbox: Mailbox
    private let log: Log
    private let pace: TimeSpan

    /// - Parameters:
    ///   - limit: maximum number of waiting register values.
    ///   - pace: the time between two commits.
    ///   - log: called on the writing thread.
    public init(limit: Int = 200_000, pace: TimeSpan = .minutes(1), log: @escaping Log) {
        mailbox = Mailbox(limit: limit)
        self.pace = pace
        self.log = log
    }

    // MARK: - Any thread

    /// Adds a reading. It does not wait, and wakes the writing thread only when much is waiting.
    public func take(_ reading: HistoryReading) { mailbox.append(.reading(reading), weight: reading.registers.count) }

    /// Deletes everything of a meter, waiting readings included.
    public func forget(_ meter: String) { mailbox.append(.forget(meter), weight: 0, isUrgent: true) }

    /// Applies new settings while running; nil ends the history.
    ///
    /// - Parameter isCounter: whether a register only rises.
    public func configure(_ settings: Settings?, isCounter: @escaping @Sendable (OBISCode) -> Bool) {
        mailbox.append(.configure(settings, isCounter), weight: 0, isUrgent: true)
    }

    /// Why the history is not written, or what was lost; nil while all is well.
    public var problem: String? { mailbox.problem }

    /// Number of readings dropped because the disk was too slow or missing.
    public var dropped: Int { mailbox.dropped }

    /// Writes pending data and ends `run`; waits for that.
    ///
    /// - Parameter patience: the longest wait.
    public func close(within patience: TimeSpan) { mailbox.close(within: patience) }

    // MARK: - The writing thread

    /// Works until `close`; call it on a thread of its own.
    public func run() {
        work()
        // The file is closed by now.
        mailbox.ended()
    }

    private func work() {
        var desk = HistoryDesk { [log, mailbox] change in
            switch change {
            case .problem(let sentence):
                guard mailbox.setProblem(sentence), let sentence else { return }
                log(true, "history: \(sentence)")
            case .news(let sentence): log(false, "history: \(sentence)")
            }
        }
        var next = Mailbox.now + min(pace, .seconds(1))
        while true {
            let (items, isClosed) = mailbox.wait(until: next)
            for item in items { desk.take(item) }
            let now = Mailbox.now
            if now >= next || isClosed {
                desk.commit(at: Int64(time(nil)))
                next = now + pace
            }
            if isClosed { return }
        }
    }
}
