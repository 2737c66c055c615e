// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import Harmonizer

/// Writes the history on a thread of its own: one commit a minute, whatever comes.
///
/// Whoever gives it readings never waits. What the disk does not take stays in memory as far as it has to: the quarter hours, which a
/// later commit writes, and raw readings up to a limit. A damaged file is kept under another name, and a new one begun.
public final class HistoryWriter: Sendable {
    /// What is kept, and where.
    public struct Settings: Sendable, Equatable {
        /// The file.
        public var path: String
        /// How long quarter hours and days are kept, in seconds; nil for ever.
        public var retention: Int64?
        /// How long raw readings are kept, in seconds; 0 for not at all.
        public var raw: Int64
        /// Where days begin.
        public var zone: Zone
        /// Meters whose days begin elsewhere.
        public var zones: [String: Zone]

        /// Makes settings.
        public init(
            path: String, retention: Int64? = 25 * 2_629_746, raw: Int64 = 7 * 86_400, zone: Zone,
            zones: [String: Zone] = [:]
        ) {
            self.path = path
            self.retention = retention
            self.raw = raw
            self.zone = zone
            self.zones = zones
        }
    }

    /// Says something to people; a problem or not.
    public typealias Log = @Sendable (_ isProblem: Bool, _ sentence: String) -> Void

    private let mailbox: Mailbox
    private let log: Log
    private let pace: Int64

    /// - Parameters:
    ///   - limit: register values that may wait.
    ///   - pace: milliseconds between two commits.
    ///   - log: called on the writing thread.
    public init(limit: Int = 200_000, pace: Int64 = 60_000, log: @escaping Log) {
        mailbox = Mailbox(limit: limit)
        self.pace = pace
        self.log = log
    }

    // MARK: - Any thread

    /// Takes a reading. It does not wait, and wakes nobody unless there is much to do.
    public func take(_ reading: HistoryReading) { mailbox.append(.reading(reading), weight: reading.registers.count) }

    /// Deletes everything of a meter, what waits included.
    public func forget(_ meter: String) { mailbox.append(.forget(meter), weight: 0, isUrgent: true) }

    /// Goes over to other settings; nil ends the history.
    ///
    /// - Parameter isCounter: whether a register only grows.
    public func configure(_ settings: Settings?, isCounter: @escaping @Sendable (OBISCode) -> Bool) {
        mailbox.append(.configure(settings, isCounter), weight: 0, isUrgent: true)
    }

    /// Why the history is not written, or what was lost of it; nil while all is well.
    public var problem: String? { mailbox.problem }

    /// Readings that were dropped because the disk was too slow, or gone.
    public var dropped: Int { mailbox.dropped }

    /// Writes what is there and ends `run`; waits for that.
    ///
    /// - Parameter milliseconds: how long.
    public func close(within milliseconds: Int64) { mailbox.close(within: milliseconds) }

    // MARK: - The writing thread

    /// Works until `close`: for a thread of its own.
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
        var next = Mailbox.now + min(pace, 1000)
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
