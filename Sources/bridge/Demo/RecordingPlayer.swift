// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import Machine
import ServiceLifecycle

/// Plays a recording into a broker, once, until it is told to stop.
struct RecordingPlayer: Service {
    let recording: Recording
    let broker: BrokerSettings
    let zone: Zone
    let speed: Double
    /// Ends after so many seconds; nil ends with the recording.
    let duration: Double?
    /// False ends it.
    let isWanted: @Sendable () -> Bool

    func run() async throws {
        let isStopped = Locked(false)
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // The client blocks, and all its calls are to come from one thread.
                let isStarted = startThread(named: "player") {
                    continuation.resume(with: Result { try play { isWanted() && !isStopped.withLock { $0 } } })
                }
                if !isStarted { continuation.resume(throwing: ThreadShortage()) }
            }
        } onCancelOrGracefulShutdown: {
            isStopped.withLock { $0 = true }
        }
    }

    private func play(while isGoingOn: () -> Bool) throws(MQTTError) {
        let client = OneShotClient(broker: broker, clientIDPrefix: "obis-bridge-demo")
        try client.connect()
        defer { client.close() }
        let start = ContinuousClock.now
        /// Reads meanwhile: whoever only sleeps loses the connection.
        func wait(_ seconds: Double) throws(MQTTError) -> Bool {
            let moment = start + .seconds(seconds)
            while isGoingOn() {
                let rest = moment - ContinuousClock.now
                guard rest > .zero else { return true }
                _ = try client.receive(timeout: min(rest, .milliseconds(200)))
            }
            return false
        }
        let shift = TimeShift(recording, to: SystemClock.now, zone: zone)
        for message in recording.messages {
            let at = message.at / speed
            if let duration, at > duration { break }
            guard try wait(at) else { return }
            try client.publish(
                MQTTMessage(topic: message.topic, text: shift.shifted(message.payload), qos: .atLeastOnce))
        }
        // Once only: in a second round the counters would fall, and the bridge would rightly hold them.
        _ = try wait(duration ?? recording.seconds / speed + 3)
    }
}
