// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT

/// Listens to the sources of a configuration as `run` would, and keeps what came as a recording.
///
/// It connects with a random client id and a clean session, so that a running bridge keeps its own, and publishes nothing.
struct PlugTestListener {
    let configuration: Configuration
    let interruption: Interruption
    /// Called once, as soon as everything is subscribed to.
    let ready: () -> Void
    /// Every line of the recording as soon as it is there.
    let record: ([UInt8]) throws -> Void
    let progress: (RawMessage?, Timestamp) -> Void

    /// - Throws: `MQTTError` when the broker cannot be reached or goes away for good.
    func listen(for span: Duration) throws {
        var end = ContinuousClock.now + span
        var isFirst = true
        while !interruption.isRequested, ContinuousClock.now < end {
            let client = OneShotClient(broker: configuration.input.settings, clientIDPrefix: "obis-bridge-plugtest")
            do {
                try client.connect()
                try client.subscribe(configuration.subscriptions)
                if isFirst {
                    isFirst = false
                    end = ContinuousClock.now + span
                    ready()
                    try note(RawMessage(topic: RecordedTraffic.beginning, payload: [], received: SystemClock.now))
                }
                try hear(client, until: end)
                client.close()
            } catch let error as MQTTError {
                client.close()
                // A step of the test may be to restart the broker: what worked once is tried again.
                if isFirst { throw error }
                Problems.print(error: "\(error); trying again")
                Thread.sleep(forTimeInterval: 0.5)
            }
        }
        try note(RawMessage(topic: RecordedTraffic.end, payload: [], received: SystemClock.now))
    }

    private func hear(_ client: OneShotClient, until end: ContinuousClock.Instant) throws {
        while !interruption.isRequested, ContinuousClock.now < end {
            guard let message = try client.receive(timeout: min(end - .now, .milliseconds(200))) else {
                progress(nil, SystemClock.now)
                continue
            }
            try note(
                RawMessage(
                    topic: message.topic, payload: message.payload, isRetained: message.isRetained,
                    received: SystemClock.now))
        }
    }

    private func note(_ message: RawMessage) throws {
        try record(RecordedTraffic.line(message))
        progress(message, message.received)
    }
}
