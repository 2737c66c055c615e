// SPDX-License-Identifier: Apache-2.0
import MQTT

/// What came by HTTP, UDP, TCP or a serial port and waits for the relay's thread.
///
/// Nobody acknowledges these transports, so nothing can be asked to wait: when the output is away or slower than the input,
/// the oldest messages of that source are dropped and counted. Each source has room of its own, so that a flood on one port
/// does not cost another source its telegrams.
package final class InputQueue: Sendable {
    /// A message and who sent it.
    package struct Entry: Sendable, Equatable {
        /// The topic under which the pipeline knows the source.
        package var topic: String
        package var payload: [UInt8]
        package var received: ContinuousClock.Instant

        /// Makes it of its parts.
        package init(topic: String, payload: [UInt8], received: ContinuousClock.Instant) {
            self.topic = topic
            self.payload = payload
            self.received = received
        }
    }

    /// What was taken out, and how many were dropped since the last time, by topic.
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
    /// Messages that one source may have waiting.
    package let capacity: Int

    package init(capacity: Int = 32) { self.capacity = capacity }

    /// Messages dropped since the start.
    package var droppedInAll: Int { state.withLock { $0.droppedInAll } }

    /// Has `body` called after each arrival, on the thread that delivered it: it wakes the relay.
    package func notify(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.onArrival = body } }

    /// True when a message of this source would not cost another one.
    func hasRoom(for topic: String) -> Bool {
        state.withLock { state in state.entries.count(where: { $0.topic == topic }) < capacity }
    }

    /// When the first message that waits came; nil when none waits.
    package var oldest: ContinuousClock.Instant? { state.withLock { $0.entries.first?.received } }

    /// Adds a message; the oldest of its source gives way.
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

    /// Takes up to `limit` messages, oldest first; calls for the next turn when more are left.
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
