// SPDX-License-Identifier: Apache-2.0

/// Where a reading stands in time among those of its meter: judged before its counters are.
public enum ReadingOrder: Sendable, Equatable {
    /// As new as the newest or newer: judged by guards, merged into `state`, published everywhere.
    case current
    /// Older than what is known of the meter, or of unknown age: published in `reading` and nowhere else, judged by nobody.
    case old
    /// The last of three whose clock runs on from an earlier time: the clock was set back, and `state` follows. Treated like
    /// `current` in everything else.
    case setBack
}

/// Tells late messages from a clock that was set back, for one meter.
///
/// Only times of meters and readers come here. The bridge's own clock, which stands in where there is none, is another clock:
/// compared with theirs it would make every reading of a meter that is a minute slow an old one.
struct OrderWatch: Sendable {
    /// The newest time that was believed; nil before the first.
    var newest: Timestamp?
    /// Readings in a row that are older than `newest` and whose clock runs.
    private var earlier: Run?

    struct Run: Sendable {
        let time: Timestamp
        let received: Timestamp
        var last: Timestamp
        var count = 1
    }

    /// Readings whose clock must run on from an earlier time.
    private static let confirmations = 3
    /// A clock of whole seconds shows its pace only over a while: three messages of one burst could have any.
    private static let shortestRun: Int64 = 1500

    /// The place of a reading, which becomes the newest unless it is old.
    ///
    /// - Parameter isLive: false for a reading that waited somewhere, which says nothing about the clock.
    mutating func judge(_ time: Timestamp, received: Timestamp, isLive: Bool) -> ReadingOrder {
        // By whole seconds: of two outputs of one reader the one may show the fraction that the other cuts.
        guard let newest, time.seconds < newest.seconds else {
            self.newest = max(time, newest ?? time)
            earlier = nil
            return .current
        }
        guard isLive else { return .old }
        guard var run = earlier, run.continues(with: time, received: received) else {
            earlier = Run(time: time, received: received, last: time)
            return .old
        }
        // Several messages with the same time are one instant of the clock.
        if run.last < time { run.count += 1 }
        run.last = time
        earlier = run
        guard run.count >= Self.confirmations, received.milliseconds(since: run.received) >= Self.shortestRun else {
            return .old
        }
        self.newest = time
        earlier = nil
        return .setBack
    }
}

extension OrderWatch.Run {
    /// True when clock and arrival advanced alike since the first of the run: a backlog, however late, comes faster.
    fileprivate func continues(with time: Timestamp, received: Timestamp) -> Bool {
        Pace.isArrivalPace(
            clock: time.milliseconds(since: self.time), arrival: received.milliseconds(since: self.received))
            && time >= last
    }
}

/// Whether times advance as fast as the messages that carry them arrive.
enum Pace {
    /// One second for clocks that show whole ones, and some for the way of the message.
    static func isArrivalPace(clock: Int64, arrival: Int64) -> Bool {
        arrival >= 0 && abs(clock - arrival) <= 1500 + arrival / 10
    }
}
