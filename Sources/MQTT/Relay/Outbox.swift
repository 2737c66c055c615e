// SPDX-License-Identifier: Apache-2.0
/// Publications that the output broker has not acknowledged yet, in order.
///
/// They outlive a connection: what was in flight when it broke is published again on the next one. So the handler's
/// results are never lost while the process lives, and the input is acknowledged when the outbox is empty.
struct Outbox {
    struct Entry {
        var message: MQTTMessage
        /// Increases from entry to entry; 0 in a greeting.
        var order: Int
        var isGreeting: Bool
        /// How often and when first the broker refused it.
        var refusals = 0
        var firstRefusal: ContinuousClock.Instant?
    }

    private var waiting: [Entry] = []
    /// Start of the remaining entries in `waiting`.
    private var next = 0
    private var inFlight: [Int32: Entry] = [:]
    /// The first refused publication and everything sent after it. All are sent again in this order, acknowledged or
    /// not: of two publications on one topic the later one must arrive last.
    private var again: [Entry] = []
    private var firstRefused: Int?
    private var order = 0

    var isEmpty: Bool { count == 0 }
    var count: Int { waiting.count - next + inFlight.count + again.count }
    var inFlightCount: Int { inFlight.count }
    /// True when a refused publication is to be sent again: nothing else is sent before it.
    var isHeldBack: Bool { firstRefused != nil }
    /// The oldest publication in flight, greetings excepted.
    var oldestInFlight: Entry? { inFlight.values.filter { !$0.isGreeting }.min { $0.order < $1.order } }

    mutating func append(_ messages: [MQTTMessage]) {
        for message in messages {
            order += 1
            waiting.append(Entry(message: message, order: order, isGreeting: false))
        }
    }

    /// Starts a new connection: the greeting first, then what was in flight, then the rest.
    mutating func restart(greeting: [MQTTMessage]) {
        let old = inFlight.values.sorted { $0.order < $1.order } + waiting[next...]
        inFlight.removeAll(keepingCapacity: true)
        waiting = greeting.map { Entry(message: $0, order: 0, isGreeting: true) } + old.filter { !$0.isGreeting }
        next = 0
        again.removeAll { $0.isGreeting }
        if again.isEmpty { firstRefused = nil }
    }

    /// Passes waiting messages to `publish` until `limit` are in flight; `publish` returns nil for a message to give
    /// up.
    mutating func send(limit: Int, _ publish: (MQTTMessage) -> Int32?) {
        guard !isHeldBack else { return }
        while next < waiting.count, inFlight.count < limit {
            let entry = waiting[next]
            next += 1
            if let id = publish(entry.message) { inFlight[id] = entry }
        }
        if next == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            next = 0
        }
    }

    /// Completes a publication that was acknowledged, or written with QoS 0; nil: not a publication of this outbox.
    mutating func complete(_ id: Int32) -> Entry? {
        guard let entry = inFlight.removeValue(forKey: id) else { return nil }
        if let firstRefused, entry.order > firstRefused { again.append(entry) }
        return entry
    }

    /// Counts a refusal of the message with this id, which stays in flight for now; nil: not a publication of this
    /// outbox.
    mutating func refused(_ id: Int32, at now: ContinuousClock.Instant) -> Entry? {
        guard var entry = inFlight[id] else { return nil }
        entry.refusals += 1
        entry.firstRefusal = entry.firstRefusal ?? now
        inFlight[id] = entry
        return entry
    }

    /// Gives up a publication in flight.
    mutating func discard(_ id: Int32) { inFlight[id] = nil }

    /// Gives up the oldest publication in flight.
    mutating func discardOldestInFlight() -> MQTTMessage? {
        guard let oldest = oldestInFlight, let id = inFlight.first(where: { $0.value.order == oldest.order })?.key
        else {
            return nil
        }
        return inFlight.removeValue(forKey: id)?.message
    }

    /// Keeps a refused publication for `sendAgain`.
    mutating func holdBack(_ id: Int32) {
        guard let entry = inFlight.removeValue(forKey: id) else { return }
        again.append(entry)
        firstRefused = min(firstRefused ?? entry.order, entry.order)
    }

    /// Queues the held-back publications again. Only with nothing in flight; otherwise a later one could overtake them.
    mutating func sendAgain() {
        guard isHeldBack, inFlight.isEmpty else { return }
        waiting = (again + waiting[next...]).sorted { $0.order < $1.order }
        next = 0
        again = []
        firstRefused = nil
    }
}
