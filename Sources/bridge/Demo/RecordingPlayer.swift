// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import ServiceLifecycle

/// Plays a recording into a broker, round after round, until it is told to stop.
struct RecordingPlayer: Service {
    let recording: Recording
    let broker: BrokerSettings
    let zone: Zone
    let speed: Double
    /// Ends by itself after so many seconds; nil plays on.
    let duration: Double?

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let client = OneShotClient(broker: broker, clientIDPrefix: "obis-bridge-demo")
            try client.connect()
            defer { client.close() }
            let start = ContinuousClock.now
            var round = 0.0
            while !Task.isCancelled {
                let shift = TimeShift(recording, to: SystemClock.now, zone: zone)
                for message in recording.messages {
                    let at = round + message.at / speed
                    if let duration, at > duration {
                        try? await Task.sleep(until: start + .seconds(duration))
                        return
                    }
                    do { try await Task.sleep(until: start + .seconds(at)) } catch { return }
                    try client.publish(
                        MQTTMessage(topic: message.topic, text: shift.shifted(message.payload), qos: .atLeastOnce))
                }
                round += recording.seconds / speed
            }
        }
    }
}
