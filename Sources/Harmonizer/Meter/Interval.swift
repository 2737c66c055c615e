// SPDX-License-Identifier: Apache-2.0

/// The usual time between two messages.
enum Interval {
    /// The interval after one more pause.
    ///
    /// A slow average, so that one late message makes nothing old, and an outage of a day counts as a late message only: its
    /// weight would let values of yesterday pass for new ones.
    static func learned(_ interval: TimeSpan?, _ elapsed: TimeSpan) -> TimeSpan? {
        guard elapsed > .zero else { return interval }
        guard let interval else { return elapsed }
        // A minute always counts in full: after a backlog, whose messages come within milliseconds, the pace is back at once.
        return (interval * 7 + min(elapsed, max(interval * 4, .minutes(1)))) / 8
    }
}
