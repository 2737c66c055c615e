// SPDX-License-Identifier: Apache-2.0
package import Harmonizer
package import MQTT

/// When the messages of a recording are due.
package struct Pace {
    /// How much faster than it was.
    package enum Speed: Sendable {
        /// Above 0; below 1 is slower.
        case times(Double)
        /// Without a pause.
        case max
    }

    private let speed: Speed
    private let first: Timestamp?
    private let start = ContinuousClock.now

    /// Begins now.
    ///
    /// - Parameter first: the arrival of what is due at once.
    package init(_ speed: Speed, from first: Timestamp?) {
        self.speed = speed
        self.first = first
    }

    /// Milliseconds since the start.
    package var passed: Int64 {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// Seconds to wait for what arrived at `moment`; nil when it is due.
    package func wait(for moment: Timestamp) -> Double? {
        guard case .times(let factor) = speed, let first else { return nil }
        let due = Double(moment.milliseconds(since: first)) / factor
        let wait = (due - Double(passed)) / 1000
        return wait > 0 ? wait : nil
    }
}

/// Publishes a recording to a broker, each message when it is due.
package struct RecordingPlayer: Sendable {
    private let messages: [RawMessage]
    private let broker: BrokerSettings
    private let clientIDPrefix: String
    private let speed: Pace.Speed

    /// - Parameters:
    ///   - messages: in the order of their arrival. What no client may publish, on topics that begin with `$`, takes its time
    ///     and is left out.
    ///   - clientIDPrefix: what the client is called, before a random number.
    package init(_ messages: [RawMessage], to broker: BrokerSettings, clientIDPrefix: String, speed: Pace.Speed) {
        self.messages = messages
        self.broker = broker
        self.clientIDPrefix = clientIDPrefix
        self.speed = speed
    }

    /// Connects and publishes. It blocks, and all of it has to run on one thread.
    ///
    /// - Parameters:
    ///   - isWanted: false ends it; asked at least five times a second.
    ///   - begin: called once the broker is there.
    ///   - progress: gets the number of published messages and the milliseconds since the start, as often.
    ///   - published: what is published of a recorded message.
    /// - Returns: how many messages were published.
    package func play(
        while isWanted: () -> Bool, begin: () -> Void = {}, progress: (Int, Int64) -> Void = { _, _ in },
        _ published: (RawMessage) -> MQTTMessage
    ) throws(MQTTError) -> Int {
        let client = OneShotClient(broker: broker, clientIDPrefix: clientIDPrefix)
        defer { client.close() }
        try client.connect()
        begin()
        let pace = Pace(speed, from: messages.first?.received)
        var count = 0
        for message in messages {
            // Reads meanwhile: whoever only sleeps loses the connection.
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
