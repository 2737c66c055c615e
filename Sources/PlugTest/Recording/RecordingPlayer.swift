// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
package import MQTT

/// The schedule of a replayed recording.
package struct Pace {
    /// The speed, as a factor of the recorded one.
    package enum Speed: Sendable {
        /// A factor above 0; below 1 is slower.
        case times(Double)
        /// No pauses.
        case max
    }

    private let speed: Speed
    private let first: Timestamp?
    private let start = ContinuousClock.now

    /// A schedule that starts now.
    ///
    /// - Parameter first: the recorded arrival of the first message, which is due immediately.
    package init(_ speed: Speed, from first: Timestamp?) {
        self.speed = speed
        self.first = first
    }

    /// The time since the start.
    package var passed: TimeSpan { TimeSpan(ContinuousClock.now - start) }

    /// Seconds until a message with the recorded arrival `moment` is due; nil when it is due now.
    package func wait(for moment: Timestamp) -> Double? {
        guard case .times(let factor) = speed, let first else { return nil }
        let due = Double((moment - first).milliseconds) / factor
        let wait = (due - Double(passed.milliseconds)) / 1000
        return wait > 0 ? wait : nil
    }
}

/// Publishes a recording to a broker at the recorded pace.
package struct RecordingPlayer: Sendable {
    private let messages: [RawMessage]
    private let broker: BrokerSettings
    private let clientIDPrefix: String
    private let speed: Pace.Speed

    /// - Parameters:
    ///   - messages: in the order of their arrival. Topics that start with `$`, which a client may not publish, are skipped at
    ///     their time.
    ///   - clientIDPrefix: the client id without its random suffix.
    package init(_ messages: [RawMessage], to broker: BrokerSettings, clientIDPrefix: String, speed: Pace.Speed) {
        self.messages = messages
        self.broker = broker
        self.clientIDPrefix = clientIDPrefix
        self.speed = speed
    }

    /// Connects and publishes. Blocks the calling thread.
    ///
    /// - Parameters:
    ///   - isWanted: asked at least five times per second; false ends the playback.
    ///   - begin: called after the connection is established.
    ///   - progress: gets the number of published messages and the time since the start, equally often.
    ///   - published: makes the MQTT message for a recorded message.
    /// - Returns: the number of published messages.
    /// - Throws: `MQTTError` when the broker is not reachable or refuses a message.
    package func play(
        while isWanted: () -> Bool, begin: () -> Void = {}, progress: (Int, TimeSpan) -> Void = { _, _ in },
        _ published: (RawMessage) -> MQTTMessage
    ) throws(MQTTError) -> Int {
        let client = OneShotClient(broker: broker, clientIDPrefix: clientIDPrefix)
        defer { client.close() }
        try client.connect()
        begin()
        let pace = Pace(speed, from: messages.first?.received)
        var count = 0
        for message in messages {
            // Reads while waiting: a client that only sleeps loses its connection.
            while let wait = pace.wait(for: message.received), isWanted() {
                _ = try client.receive(timeout: .milliseconds(Int64(min(0.2, wait) * 1000) + 1))
                progress(count, pace.passed)
            }
            guard isWanted() else { break }
            guard !message.topic.hasPrefix("$") else { continue }
            try client.publish(published(message))
            count += 1
            progress(count, pace.passed)
        }
        return count
    }
}
