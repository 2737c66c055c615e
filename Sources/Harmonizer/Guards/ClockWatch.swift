// SPDX-License-Identifier: Apache-2.0

/// Learns how far the clock of one device is from the bridge's, and distinguishes live messages from delayed ones.
///
/// It learns only from messages that come at the pace of their own times: a backlog of an hour looks like a clock in
/// another zone, but never for longer than it takes to arrive.
struct ClockWatch: Sendable {
    /// The verdict about a message's own time.
    struct Verdict: Equatable {
        /// Whole hours that the clock is ahead; the caller subtracts them.
        var hours = 0
        /// True when the clock seems to be whole hours off, but too few messages showed it.
        var isSuspect = false
        /// How far the clock is ahead beyond those hours, once it is known.
        var skew: TimeSpan?
        /// True when the message waited on its way.
        var isDelayed = false
    }

    /// How far the clock is ahead, proven by enough messages; nil until then.
    private(set) var learned: TimeSpan?
    /// How far the clock was ahead at the last live message.
    private var usual: TimeSpan?
    /// An offset on which messages agree.
    private var candidate: Candidate?
    private var run: PaceRun?
    /// The zone's offset at the last live message: clocks that ignore daylight saving jump with it.
    private var zoneOffset: Int?
    /// How many hours the zone last jumped, and when.
    @Rare private var jump: (hours: Int, at: Timestamp)? = nil

    private struct Candidate: Sendable {
        var offset: TimeSpan
        var count: Int
        let since: Timestamp
    }

    /// Live messages, and the time over them, that prove an offset.
    static let messages = 20
    private static let duration = TimeSpan.minutes(1)
    /// Live messages that make an offset worth a flag.
    private static let suspicion = 3
    /// How far messages may vary around an offset: the way from the meter over a slow bus and a busy reader.
    private static let tolerance = TimeSpan.seconds(30)
    /// This long after the zone's jump, a clock that ignores the jump may reveal it: the hour that spring skips is read
    /// correctly.
    private static let night = TimeSpan.hours(3)

    init() {}

    /// Starts with what an earlier run of the bridge had learned.
    init(learned: TimeSpan) {
        self.learned = learned
        usual = learned
    }

    /// Whole hours that the clock is ahead, as far as it is proven.
    var hours: Int { learned?.zoneHours ?? 0 }

    /// How far it is ahead beyond those hours; nil until it is proven.
    private var skew: TimeSpan? { learned.map { $0 - .hours(Int64(hours)) } }

    /// Judges a message's own time as it was sent.
    mutating func judge(_ time: Timestamp, arrival: Arrival, zoneOffset: Int) -> Verdict {
        guard !arrival.isRetained else { return Verdict(hours: hours) }
        let offset = time - arrival.received
        let isLive = isLive(time, offset: offset, arrival: arrival)
        guard isLive else { return Verdict(hours: hours, isDelayed: true) }
        if run?.isProven == true {
            usual = offset
            learn(offset, at: arrival.received, zoneOffset: zoneOffset)
        } else if usual == nil {
            usual = offset
        }
        guard let whole = offset.zoneHours else {
            return Verdict(skew: skew)
        }
        if whole == hours { return Verdict(hours: hours, skew: skew) }
        return Verdict(isSuspect: whole != 0 && (candidate?.count ?? 0) >= Self.suspicion)
    }

    /// False for a message that waited: it is later than this device's messages usually are, and not at their pace. For
    /// an unknown device a message is late when it was made before the connection on which it came.
    private mutating func isLive(_ time: Timestamp, offset: TimeSpan, arrival: Arrival) -> Bool {
        if run?.take(time, received: arrival.received) != true {
            run = PaceRun(time: time, received: arrival.received)
        }
        let made = time - (usual ?? .zero)
        if arrival.isQueued, let connected = arrival.connected, made < connected - .seconds(1) {
            return false
        }
        if run?.isProven == true { return true }
        guard usual != nil || arrival.connected.map({ made < $0 }) == true else { return true }
        return arrival.received - made <= Self.tolerance
    }

    private mutating func learn(_ offset: TimeSpan, at received: Timestamp, zoneOffset: Int) {
        if let known = self.zoneOffset, known != zoneOffset { jump = ((zoneOffset - known) / 3600, received) }
        self.zoneOffset = zoneOffset
        if var known = candidate, (known.offset - offset).magnitude <= Self.tolerance {
            known.count += 1
            known.offset += (offset - known.offset) / Int64(min(known.count, 50))
            candidate = known
        } else {
            candidate = Candidate(offset: offset, count: 1, since: received)
        }
        if let whole = offset.zoneHours, learned != nil, whole != hours {
            // No message comes from the future, and clocks that ignore daylight saving jump with the zone.
            let isJump = jump.map {
                abs(whole - hours) == abs($0.hours) && received - $0.at <= Self.night
            }
            if whole > hours || isJump == true { learned = offset }
        }
        if let known = candidate, known.count >= Self.messages, received - known.since >= Self.duration {
            learned = known.offset
        }
    }
}
