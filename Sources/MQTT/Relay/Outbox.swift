// SPDX-License-Identifier: Apache-2.0
/// Publications that the output broker has not acknowledged, in order, kept until it has.
///
/// They outlive a connection: what was in flight when it broke is published again on the next one. So the handler's
/// results are never lost while the process lives, and the input is acknowledged when this is empty.
struct Outbox {
    struct Entry {
        var message: MQTTMessage
        /// Grows from entry to entry; 0 in a greeting.
        var order: Int
        var isGreeting: Bool
        /// How often the broker refused it, and when first.
        var refusals = 0
        var firstRefusal: ContinuousClock.Instant?
    }

    private var waiting: [Entry] = []
    /// Start of what is left in `waiting`.
    private var next = 0
    private var inFlight: [Int32: Entry] = [:]
    /// The first refused publication and what was sent behind it: sent again in this order, acknowledged or not, for of two
    /// publications on one topic the later one must be the last.
    private var again: [Entry] = []
    private var firstRefused: Int?
    private var order = 0

    var isEmpty: Bool { count == 0 }
    var count: Int { waiting.count - next + inFlight.count + again.count }
    var inFlightCount: Int { inFlight.count }
    /// Something was refused and is to be sent again: nothing else is sent before.
    var isHeldBack: Bool { firstRefused != nil }
    /// The publication in flight that was handed over first, and the only one when there is no other; no greeting.
    var oldestInFlight: Entry? { inFlight.values.filter { !$0.isGreeting }.min { $0.order < $1.order } }

    mutating func append(_ messages: [MQTTMessage]) {
        for message in messages {
            order += 1
            waiting.append(Entry(message: message, order: order, isGreeting: false))
        }
    }

    /// A new connection: the greeting first, then what was in flight, then the rest.
    mutating func restart(greeting: [MQTTMessage]) {
        let old = inFlight.values.sorted { $0.order < $1.order } + waiting[next...]
        inFlight.removeAll(keepingCapacity: true)
        waiting = greeting.map { Entry(message: $0, order: 0, isGreeting: true) } + old.filter { !$0.isGreeting }
        next = 0
        again.removeAll { $0.isGreeting }
        if again.isEmpty { firstRefused = nil }
    }

    /// Hands waiting messages to `publish` until `limit` are in flight; it returns nil for a message to be given up.
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

    /// Acknowledged, or written in the case of QoS 0; nil: not one of ours.
    mutating func complete(_ id: Int32) -> Entry? {
        guard let entry = inFlight.removeValue(forKey: id) else { return nil }
        if let firstRefused, entry.order > firstRefused { again.append(entry) }
        return entry
    }

    /// The message with this id was refused, and is not out of the way yet; nil: not one of ours.
    mutating func refused(_ id: Int32, at now: ContinuousClock.Instant) -> Entry? {
        guard var entry = inFlight[id] else { return nil }
        entry.refusals += 1
        entry.firstRefusal = entry.firstRefusal ?? now
        inFlight[id] = entry
        return entry
    }

    /// Gives a publication in flight up.
    mutating func discard(_ id: Int32) { inFlight[id] = nil }

    /// Gives the publication in flight up that was handed over first.
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

    /// What was held back waits to be sent again. Only with nothing in flight, or a later one could overtake.
    mutating func sendAgain() {
        guard isHeldBack, inFlight.isEmpty else { return }
        waiting = (again + waiting[next...]).sorted { $0.order < $1.order }
        next = 0
        again = []
        firstRefused = nil
    }
}
