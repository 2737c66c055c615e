// SPDX-License-Identifier: Apache-2.0
/// Publications that the output broker has not acknowledged, in order, kept until it has.
///
/// They outlive a connection: what was in flight when it broke is published again on the next one. So the handler's
/// results are never lost while the process lives, and the input is acknowledged when this is empty.
struct Outbox {
    private struct Entry {
        var message: MQTTMessage
        var order: Int
        var isGreeting: Bool
    }

    private var waiting: [Entry] = []
    /// Start of what is left in `waiting`.
    private var next = 0
    private var inFlight: [Int32: Entry] = [:]
    private var order = 0

    var isEmpty: Bool { count == 0 }
    var count: Int { waiting.count - next + inFlight.count }
    var inFlightCount: Int { inFlight.count }

    mutating func append(_ messages: [MQTTMessage]) {
        for message in messages {
            order += 1
            waiting.append(Entry(message: message, order: order, isGreeting: false))
        }
    }

    /// A new connection: the greeting first, then what was in flight, then the rest.
    mutating func restart(greeting: [MQTTMessage]) {
        let again = inFlight.values.sorted { $0.order < $1.order } + waiting[next...]
        inFlight.removeAll(keepingCapacity: true)
        waiting = greeting.map { Entry(message: $0, order: 0, isGreeting: true) } + again.filter { !$0.isGreeting }
        next = 0
    }

    /// Hands waiting messages to `publish` until `limit` are in flight; it returns nil for a message to be given up.
    mutating func send(limit: Int, _ publish: (MQTTMessage) -> Int32?) {
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
    mutating func complete(_ id: Int32) -> MQTTMessage? { inFlight.removeValue(forKey: id)?.message }
}
