// SPDX-License-Identifier: Apache-2.0

/// Distinguishes late messages from a clock that was set back, for one meter.
///
/// Only times of meters and readers are judged. The bridge's own clock, which stands in for a missing time, is another
/// clock: compared with theirs, it would make every reading of a meter whose clock is a minute slow count as old.
struct OrderWatch: Sendable {
    /// The newest time that was believed; nil before the first.
    var newest: Timestamp?
    /// Readings in a row that are older than `newest` and whose clock runs.
    @Rare private var earlier: PaceRun? = nil

    /// Readings whose clock must run on from an earlier time.
    private static let confirmations = 3

    /// The place of a reading, which becomes the newest unless it is old.
    ///
    /// - Parameter isLive: false for a reading that the broker kept, which says nothing about the clock.
    mutating func judge(_ time: Timestamp, received: Timestamp, isLive: Bool) -> ReadingOrder {
        // By whole seconds: one output of a reader may show the fraction that another one cuts off.
        guard let newest, time.seconds < newest.seconds else {
            self.newest = max(time, newest ?? time)
            earlier = nil
            return .current
        }
        guard isLive else { return .old }
        guard var run = earlier, run.take(time, received: received) else {
            earlier = PaceRun(time: time, received: received)
            return .old
        }
        earlier = run
        guard run.count >= Self.confirmations, run.isProven else { return .old }
        self.newest = time
        earlier = nil
        return .setBack
    }
}
