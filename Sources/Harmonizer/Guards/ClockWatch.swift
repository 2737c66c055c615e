// SPDX-License-Identifier: Apache-2.0

/// Learns how far the clock of one device is from the bridge's, and tells live messages from those that waited somewhere.
///
/// Only messages that come at the pace of their own times teach: a backlog of an hour looks like a clock in another zone, but
/// never for longer than it takes to arrive.
struct ClockWatch: Sendable {
    /// What a message's own time says.
    struct Verdict: Equatable {
        /// Whole hours that the clock is ahead; they are to be subtracted.
        var hours = 0
        /// True when the clock seems to be whole hours off, but too few messages showed it.
        var isSuspect = false
        /// Milliseconds that the clock is ahead beyond those hours, once it is known.
        var skew: Int64?
        /// True when the message waited somewhere.
        var isDelayed = false
    }

    /// Milliseconds that the clock is ahead, proven by enough messages; nil until then.
    private(set) var learned: Int64?
    /// The same of the last live message.
    private var usual: Int64?
    /// An offset that messages agree on.
    private var candidate: Candidate?
    private var run: PaceRun?
    /// The zone's offset at the last live message: clocks that ignore daylight saving jump with it.
    private var zoneOffset: Int?
    /// How many hours the zone last jumped, and when.
    @Rare private var jump: (hours: Int, at: Timestamp)? = nil

    private struct Candidate: Sendable {
        var offset: Int64
        var count: Int
        let since: Timestamp
    }

    /// Live messages, and the time over them, that prove an offset.
    static let messages = 20
    private static let duration: Int64 = 60_000
    /// Live messages that make an offset worth a flag.
    private static let suspicion = 3
    /// How far messages may vary around an offset: the way from the meter over a slow bus and a busy reader.
    private static let tolerance: Int64 = 30_000
    /// So long after the zone's jump a clock that ignores it may show it: the hour that spring skips is read rightly.
    private static let night: Int64 = 10_800_000
    private static let hour: Int64 = 3_600_000
    /// No zone is farther away.
    private static let farthest = 14

    init() {}

    /// What an earlier run of the bridge had learned.
    init(learned: Int64) {
        self.learned = learned
        usual = learned
    }

    /// Whole hours that the clock is ahead, as far as it is proven.
    var hours: Int { learned.flatMap(Self.wholeHours) ?? 0 }

    /// Judges a message's own time as it was sent.
    mutating func judge(_ time: Timestamp, arrival: Arrival, zoneOffset: Int) -> Verdict {
        guard !arrival.isRetained else { return Verdict(hours: hours) }
        let offset = time.milliseconds(since: arrival.received)
        let isLive = isLive(time, offset: offset, arrival: arrival)
        guard isLive else { return Verdict(hours: hours, isDelayed: true) }
        if run?.isProven == true {
            usual = offset
            learn(offset, at: arrival.received, zoneOffset: zoneOffset)
        } else if usual == nil {
            usual = offset
        }
        guard let whole = Self.wholeHours(offset) else {
            return Verdict(skew: learned.map { $0 - Int64(hours) * Self.hour })
        }
        if whole == hours { return Verdict(hours: hours, skew: learned.map { $0 - Int64(hours) * Self.hour }) }
        return Verdict(isSuspect: whole != 0 && (candidate?.count ?? 0) >= Self.suspicion)
    }

    /// Later than this device's messages usually are, and not at their pace: it waited. A device that nobody knows yet is
    /// late when its message was made before the connection on which it came.
    private mutating func isLive(_ time: Timestamp, offset: Int64, arrival: Arrival) -> Bool {
        if run?.take(time, received: arrival.received) != true {
            run = PaceRun(time: time, received: arrival.received)
        }
        let made = time.adding(milliseconds: -(usual ?? 0))
        if arrival.isQueued, let connected = arrival.connected, made < connected.adding(milliseconds: -1000) {
            return false
        }
        if run?.isProven == true { return true }
        guard usual != nil || arrival.connected.map({ made < $0 }) == true else { return true }
        return arrival.received.milliseconds(since: made) <= Self.tolerance
    }

    private mutating func learn(_ offset: Int64, at received: Timestamp, zoneOffset: Int) {
        if let known = self.zoneOffset, known != zoneOffset { jump = ((zoneOffset - known) / 3600, received) }
        self.zoneOffset = zoneOffset
        if var known = candidate, abs(known.offset - offset) <= Self.tolerance {
            known.count += 1
            known.offset += (offset - known.offset) / Int64(min(known.count, 50))
            candidate = known
        } else {
            candidate = Candidate(offset: offset, count: 1, since: received)
        }
        if let whole = Self.wholeHours(offset), learned != nil, whole != hours {
            // Nothing comes from the future, and clocks that ignore daylight saving jump with the zone.
            let isJump = jump.map {
                abs(whole - hours) == abs($0.hours) && received.milliseconds(since: $0.at) <= Self.night
            }
            if whole > hours || isJump == true { learned = offset }
        }
        if let known = candidate, known.count >= Self.messages,
            received.milliseconds(since: known.since) >= Self.duration
        {
            learned = known.offset
        }
    }

    /// The hours of an offset that is a whole number of them, 0 included, give or take three minutes; else nil.
    private static func wholeHours(_ offset: Int64) -> Int? {
        let whole = (offset + (offset < 0 ? -hour : hour) / 2) / hour
        guard abs(whole) <= farthest, abs(offset - whole * hour) <= 180_000 else { return nil }
        return Int(whole)
    }
}
