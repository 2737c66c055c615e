// SPDX-License-Identifier: Apache-2.0

/// Keeps a broken reader from filling the dead-letter topic: the first few rejects of each reason in a minute are
/// published, the others are counted and summed up at the end of the minute.
///
/// The budget is per source and reason, so that noise of one kind does not hide the single message of another.
struct RejectLimit: Sendable {
    /// The rejects of one source that were not published in one minute.
    struct Summary: Sendable, Equatable {
        var source: String
        var adapter: String
        var counts: [Rejection.Reason: Int]
        var since: Timestamp
        var until: Timestamp

        var total: Int { counts.values.reduce(0) { $0 &+ $1 } }
    }

    /// The limit of published rejects of one reason in a minute.
    static let allowance = 10
    static let minute = TimeSpan.minutes(1)

    private struct Window: Sendable {
        var adapter: String
        var start: Timestamp
        var published: [Rejection.Reason: Int] = [:]
        var suppressed: [Rejection.Reason: Int] = [:]

        /// Also true when the clock was set back: otherwise nothing would be reported until it has caught up.
        func isOver(_ now: Timestamp) -> Bool { !(.zero..<RejectLimit.minute).contains(now - start) }
    }

    /// By source; the configuration limits their number.
    private var windows: [String: Window] = [:]

    /// Whether this reject is published, with the summary that is due before it.
    mutating func admit(_ rejection: Rejection, origin: Origin) -> (isAdmitted: Bool, summary: Summary?) {
        let now = origin.received
        var summary: Summary?
        var window = windows[origin.source] ?? Window(adapter: origin.adapter, start: now)
        if window.isOver(now) {
            summary = Self.summary(of: window, source: origin.source, at: now)
            window = Window(adapter: origin.adapter, start: now)
        }
        let isAdmitted = window.published[rejection.reason, default: 0] < Self.allowance
        if isAdmitted {
            window.published[rejection.reason, default: 0] += 1
        } else {
            window.suppressed[rejection.reason, default: 0] &+= 1
        }
        windows[origin.source] = window
        return (isAdmitted, summary)
    }

    /// The summaries whose minute is over; all of them when `isForced`, at the end of a file or at shutdown.
    mutating func summaries(at now: Timestamp, isForced: Bool = false) -> [Summary] {
        guard !windows.isEmpty else { return [] }
        var summaries: [Summary] = []
        for (source, window) in windows.sorted(by: { $0.key < $1.key }) where isForced || window.isOver(now) {
            windows[source] = nil
            if let summary = Self.summary(of: window, source: source, at: now) { summaries.append(summary) }
        }
        return summaries
    }

    private static func summary(of window: Window, source: String, at now: Timestamp) -> Summary? {
        guard !window.suppressed.isEmpty else { return nil }
        return Summary(
            source: source, adapter: window.adapter, counts: window.suppressed, since: window.start, until: now)
    }
}
