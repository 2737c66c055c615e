// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer
package import Inputs
package import Logging
package import MQTT
package import Machine

/// Receives raw traffic as the bridge would, from the broker and from the other inputs, without disturbing it: a random
/// client id, a clean session, nothing published.
package struct TrafficListener {
    package let broker: BrokerSettings
    /// The subscriptions at the broker; empty for none.
    package let filters: [MQTT.TopicFilter]
    /// The other inputs: polled or listened to.
    package var inputs: [InputSettings] = []
    package var clientIDPrefix = "obis-bridge-listener"
    package let interruption: Interruption
    package let logger: Logger

    package init(
        broker: BrokerSettings, filters: [MQTT.TopicFilter], inputs: [InputSettings] = [],
        clientIDPrefix: String = "obis-bridge-listener", interruption: Interruption, logger: Logger
    ) {
        self.broker = broker
        self.filters = filters
        self.inputs = inputs
        self.clientIDPrefix = clientIDPrefix
        self.interruption = interruption
        self.logger = logger
    }

    /// Listens for `span` from the moment of the subscription, or until it is interrupted. `begin` is called at that
    /// moment; `take` gets each message, and nil about five times a second.
    ///
    /// When the broker goes away after the first connection, the listener reconnects: a restart may be part of the
    /// recording.
    ///
    /// - Throws: `MQTTError` when the broker cannot be reached at the start, and any error of `begin` and `take`.
    package func listen(for span: Duration?, begin: () throws -> Void = {}, take: (RawMessage?) throws -> Void) throws {
        var end = span.map { ContinuousClock.now + $0 }
        let queue = InputQueue()
        let (inputs, logger) = (inputs, logger)
        let tasks = inputs.map { input in Task { await input.read(into: queue, logger) } }
        defer { for task in tasks { task.cancel() } }
        var outage = OutageReport()
        var isFirst = true
        if filters.isEmpty { try begin() }
        while isGoingOn(until: end) {
            guard !filters.isEmpty else {
                Thread.sleep(forTimeInterval: 0.1)
                try hand(over: queue, take)
                continue
            }
            let client = OneShotClient(broker: broker, clientIDPrefix: clientIDPrefix)
            do {
                try client.connect()
                try client.subscribe(filters)
                if isFirst {
                    isFirst = false
                    end = span.map { ContinuousClock.now + $0 }
                    try begin()
                }
                if outage.succeeded() != nil { logger.notice("\(broker.address) is back") }
                try hear(client, until: end, queue, take)
                client.close()
            } catch let error as MQTTError {
                client.close()
                if isFirst { throw error }
                if let sentence = outage.failed("\(error)", at: .now) { logger.warning("\(sentence); trying again") }
                Thread.sleep(forTimeInterval: 0.5)
                try hand(over: queue, take)
            }
        }
    }

    private func isGoingOn(until end: ContinuousClock.Instant?) -> Bool {
        !interruption.isRequested && end.map { ContinuousClock.now < $0 } ?? true
    }

    private func hear(
        _ client: OneShotClient, until end: ContinuousClock.Instant?, _ queue: InputQueue,
        _ take: (RawMessage?) throws -> Void
    ) throws {
        while isGoingOn(until: end) {
            let patience = min(end.map { $0 - .now } ?? .seconds(1), .milliseconds(200))
            if let message = try client.receive(timeout: patience) {
                try take(
                    RawMessage(
                        topic: message.topic, payload: message.payload, isRetained: message.isRetained,
                        received: SystemClock.now))
            }
            try hand(over: queue, take)
        }
    }

    private func hand(over queue: InputQueue, _ take: (RawMessage?) throws -> Void) throws {
        for entry in queue.take(limit: .max).entries { try take(entry.message) }
        try take(nil)
    }
}
