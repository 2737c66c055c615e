// SPDX-License-Identifier: Apache-2.0

/// The usual time between two messages.
enum Interval {
    /// The interval after one more pause.
    ///
    /// A slow average, so that one late message makes no value stale. An outage of a day counts only as much as a late
    /// message: otherwise one long outage would make stale values look fresh.
    static func learned(_ interval: TimeSpan?, _ elapsed: TimeSpan) -> TimeSpan? {
        guard elapsed > .zero else { return interval }
        guard let interval else { return elapsed }
        // Up to a minute always counts in full: after a backlog, whose messages arrive within milliseconds, the pace
        // recovers at once.
        return (interval * 7 + min(elapsed, max(interval * 4, .minutes(1)))) / 8
    }
}
