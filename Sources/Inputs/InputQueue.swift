// SPDX-License-Identifier: Apache-2.0
import MQTT

/// Messages from HTTP, UDP, TCP or a serial port that wait for the relay's thread.
///
/// These transports have no acknowledgement, so a sender cannot be made to wait: when the output is away or slower than
/// the input, the oldest messages of that source are dropped and counted. Each source has a limit of its own, so that a
/// flood on one port does not cost another source its telegrams.
package final class InputQueue: Sendable {
    /// A message and its source.
    package struct Entry: Sendable, Equatable {
        /// The topic that stands for the source in the pipeline.
        package var topic: String
        package var payload: [UInt8]
        package var received: ContinuousClock.Instant

        /// Creates an entry.
        package init(topic: String, payload: [UInt8], received: ContinuousClock.Instant) {
            self.topic = topic
            self.payload = payload
            self.received = received
        }
    }

    /// The messages taken out, and the number dropped since the last call, by topic.
    package struct Batch: Sendable, Equatable {
        package var entries: [Entry] = []
        package var dropped: [String: Int] = [:]
    }

    private struct State {
        var entries: [Entry] = []
        var dropped: [String: Int] = [:]
        var droppedInAll = 0
        var onArrival: (@Sendable () -> Void)?
    }

    private let state = Locked(State())
    /// The maximum number of waiting messages per source.
    package let capacity: Int

    package init(capacity: Int = 32) { self.capacity = capacity }

    /// Messages dropped since the start.
    package var droppedInAll: Int { state.withLock { $0.droppedInAll } }

    /// Sets a callback for each arrival, on the thread that delivered the message: it wakes the relay.
    package func notify(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onArrival = body } }

    /// True when there is room for a message of this source without dropping another one.
    func hasRoom(for topic: String) -> Bool {
        state.withLock { state in state.entries.count(where: { $0.topic == topic }) < capacity }
    }

    /// The arrival of the first waiting message; nil when none waits.
    package var oldest: ContinuousClock.Instant? { state.withLock { $0.entries.first?.received } }

    /// Adds a message; when the source is at its limit, its oldest message is dropped.
    package func append(_ payload: [UInt8], topic: String, received: ContinuousClock.Instant = .now) {
        let entry = Entry(topic: topic, payload: payload, received: received)
        let onArrival = state.withLock { state in
            if state.entries.count(where: { $0.topic == topic }) >= capacity,
                let oldest = state.entries.firstIndex(where: { $0.topic == topic })
            {
                state.entries.remove(at: oldest)
                state.dropped[topic, default: 0] += 1
                state.droppedInAll += 1
            }
            state.entries.append(entry)
            return state.onArrival
        }
        onArrival?()
    }

    /// Takes up to `limit` messages, oldest first; requests another turn when more are left.
    package func take(limit: Int) -> Batch {
        let (batch, onArrival) = state.withLock { state in
            let batch = Batch(entries: Array(state.entries.prefix(limit)), dropped: state.dropped)
            state.entries.removeFirst(batch.entries.count)
            state.dropped = [:]
            return (batch, state.entries.isEmpty ? nil : state.onArrival)
        }
        onArrival?()
        return batch
    }
}
