// SPDX-License-Identifier: Apache-2.0

/// Tells new authentic frames from those that were sent before, by the counter that every encrypted frame of a meter has.
struct InvocationGuard: Sendable, Equatable {
    /// What a frame is.
    enum Judgement: Sendable, Equatable {
        case new
        /// The same frame again, as a broker delivers at least once.
        case duplicate
        /// An old frame, or another one under a used counter.
        case replay(last: UInt32)
    }

    /// What is known of one meter.
    fileprivate struct Meter: Sendable, Equatable {
        var highest: UInt32
        /// The clock of the frame with the highest counter, in seconds.
        var time: Int64?
        /// Counter and tag of the last frames, a ring.
        var recent: [(counter: UInt32, tag: UInt64)]
        var next = 0
        /// How many frames in a row rose from below, with a newer clock: a new meter, or new keys.
        var rising: (count: Int, counter: UInt32, time: Int64) = (0, 0, 0)

        static func == (one: Meter, other: Meter) -> Bool {
            one.highest == other.highest && one.time == other.time && one.next == other.next
                && one.recent.map(\.counter) == other.recent.map(\.counter)
                && one.recent.map(\.tag) == other.recent.map(\.tag)
        }
    }

    private var meters: [UInt64: Meter] = [:]
    /// After a crash a broker sends up to 200 messages again.
    static let memory = 200
    /// Meters of one source.
    static let most = 64
    /// Rising frames after which a meter counts from a new beginning.
    static let restart = 3

    /// Judges an authentic frame.
    ///
    /// - Parameters:
    ///   - tag: what tells two frames with one counter apart.
    ///   - time: the meter's clock in the frame, in seconds.
    ///   - isRedelivered: true when the broker says so.
    mutating func judge(
        title: UInt64, counter: UInt32, tag: UInt64, time: Int64?, isRedelivered: Bool
    ) -> Judgement {
        guard var meter = meters[title] else {
            if meters.count >= Self.most { meters.removeAll() }
            meters[title] = Meter(highest: counter, time: time, recent: [(counter, tag)])
            return .new
        }
        defer { meters[title] = meter }
        if counter > meter.highest {
            meter.add(counter, tag)
            meter.highest = counter
            meter.time = time ?? meter.time
            meter.rising.count = 0
            return .new
        }
        if meter.recent.contains(where: { $0.counter == counter && $0.tag == tag }) { return .duplicate }
        // Who made the tag knows the key, so what the broker sends again was sent by the meter.
        if isRedelivered, counter < meter.highest { return .duplicate }
        if let time, let last = meter.time, time > last, counter > meter.rising.counter || meter.rising.count == 0,
            meter.rising.count == 0 || time > meter.rising.time
        {
            meter.rising = (meter.rising.count + 1, counter, time)
            if meter.rising.count >= Self.restart {
                meter = Meter(highest: counter, time: time, recent: [(counter, tag)])
                return .new
            }
        }
        return .replay(last: meter.highest)
    }

    /// True when the counter of a frame without a tag fell, which proves nothing.
    mutating func fell(title: UInt64, counter: UInt32) -> Bool {
        guard let meter = meters[title] else {
            if meters.count >= Self.most { meters.removeAll() }
            meters[title] = Meter(highest: counter, time: nil, recent: [])
            return false
        }
        meters[title]?.highest = counter
        return counter < meter.highest
    }

    /// Forgets a meter, or all.
    mutating func reset() { meters = [:] }
}

extension InvocationGuard.Meter {
    fileprivate mutating func add(_ counter: UInt32, _ tag: UInt64) {
        if recent.count < InvocationGuard.memory {
            recent.append((counter, tag))
        } else {
            recent[next] = (counter, tag)
            next = (next + 1) % InvocationGuard.memory
        }
    }
}
