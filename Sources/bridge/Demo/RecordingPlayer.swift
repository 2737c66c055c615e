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
    /// Ends after so many seconds; nil ends with the recording.
    let duration: Double?

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            let client = OneShotClient(broker: broker, clientIDPrefix: "obis-bridge-demo")
            try client.connect()
            defer { client.close() }
            let start = ContinuousClock.now
            let shift = TimeShift(recording, to: SystemClock.now, zone: zone)
            for message in recording.messages {
                let at = message.at / speed
                if let duration, at > duration { break }
                do { try await Task.sleep(until: start + .seconds(at)) } catch { return }
                try client.publish(
                    MQTTMessage(topic: message.topic, text: shift.shifted(message.payload), qos: .atLeastOnce))
            }
            // Once only: in a second round the counters would fall, and the bridge would rightly hold them.
            let rest = duration ?? recording.seconds / speed + 3
            try? await Task.sleep(until: start + .seconds(rest))
        }
    }
}
