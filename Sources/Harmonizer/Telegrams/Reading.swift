// SPDX-License-Identifier: Apache-2.0

/// The register values of one meter at one time, harmonised: what one telegram brought.
public struct Reading: Sendable, Equatable {
    /// The meter's id, one topic level.
    public var meter: String
    /// 16 hex digits over meter, time as received and registers as received: the same message after a crash has the same id.
    public var id: String
    /// When the values were true.
    public var time: Timestamp
    /// Whose clock `time` comes from.
    public var clock: Telegram.Clock
    /// Its place among the readings of its meter; only a reading that is not `old` is judged and merged.
    public var order: ReadingOrder
    /// True when it waited somewhere before it arrived: it tells nothing about the present.
    public var isDelayed = false
    /// When the message arrived; of a telegram in several messages, the first.
    public var received: Timestamp
    /// The registers, in the order of the wire, derived ones behind them.
    public var registers: [RegisterValue]
    /// The repairs that this message needed.
    public var fixes: [Fix]
    /// Where it came from.
    public var origin: Origin
}

/// The place of a reading in time among those of its meter: decided before its counters are judged.
public enum ReadingOrder: Sendable, Equatable {
    /// As new as the newest or newer: judged by guards, merged into `state`, published everywhere.
    case current
    /// Older than what is known of the meter, or of unknown age: published in `reading` and nowhere else, and not
    /// judged.
    case old
    /// The last of three readings whose clock runs on from an earlier time: the clock was set back, and `state`
    /// follows. Treated like `current` in everything else.
    case setBack
}

/// Where a telegram came from.
public struct Origin: Sendable, Equatable {
    /// The `sources:` entry.
    public var source: String
    /// The adapter that read it.
    public var adapter: String
    /// The raw topic; of a telegram in several messages, the first.
    public var topic: String
    /// The raw payload, for a reject; of a telegram in several messages, the first.
    package var payload: [UInt8] = []
    /// Bytes of the whole raw payload; `payload` may be only its beginning.
    var payloadCount = 0
    /// How it arrived.
    public var arrival: Arrival

    /// When it arrived.
    public var received: Timestamp { arrival.received }
    /// True when the broker had retained it.
    public var isRetained: Bool { arrival.isRetained }
}

extension Origin {
    init(_ message: RawMessage, source: String, adapter: String, arrival: Arrival) {
        self.init(
            source: source, adapter: adapter, topic: message.topic, payload: message.payload,
            payloadCount: message.payload.count, arrival: arrival)
    }

    /// Bytes of a payload that a reject shows.
    static let shownPayload = 4096

    /// This origin with as much of the payload as a reject shows: what waits must not hold the whole.
    var shortened: Origin {
        guard payload.count > Self.shownPayload else { return self }
        var origin = self
        origin.payload = Array(payload[..<(Self.shownPayload + 1)])
        return origin
    }
}
