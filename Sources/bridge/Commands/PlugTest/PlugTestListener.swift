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
        let listener = TrafficListener(
            broker: configuration.input.settings, filters: configuration.subscriptions,
            clientIDPrefix: "obis-bridge-plugtest", interruption: interruption, logger: configuration.log.logger)
        try listener.listen(for: span) {
            ready()
            try note(RawMessage(topic: RecordedTraffic.beginning, payload: [], received: SystemClock.now))
        } take: { message in
            if let message { try note(message) } else { progress(nil, SystemClock.now) }
        }
        try note(RawMessage(topic: RecordedTraffic.end, payload: [], received: SystemClock.now))
    }

    private func note(_ message: RawMessage) throws {
        try record(RecordedTraffic.line(message))
        progress(message, message.received)
    }
}
