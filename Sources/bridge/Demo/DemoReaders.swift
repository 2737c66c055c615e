// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import Machine
import PlugTest
import ServiceLifecycle
import ShippedFiles

/// The readers of the demo: publishes the recorded plug-test (four meters, made-up serial numbers) to a broker once, with the
/// current time in its payloads.
struct DemoReaders: Service {
    let recording: RecordedTraffic
    let broker: BrokerSettings
    let zone: Zone
    let speed: Double
    /// The duration in seconds; nil for the recording's own.
    let duration: Double?
    /// Asked about five times per second; false ends the service.
    let isWanted: @Sendable () -> Bool

    /// The shipped recording, in the format of `record`.
    static func recording() throws -> RecordedTraffic { try RecordedTraffic(Data(ShippedDemo.recording)) }

    func run() async throws {
        let isStopped = Locked(false)
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // The client blocks, and all its calls must come from one thread.
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
        let end = duration.map { ContinuousClock.now + .seconds($0) } ?? .now + .seconds(recording.seconds / speed + 3)
        func isWanted() -> Bool { isGoingOn() && ContinuousClock.now < end }
        let now = SystemClock.now
        let shift = TimeShift(from: recording.messages.first?.received ?? now, to: now, zone: zone)
        let player = RecordingPlayer(
            recording.messages, to: broker, clientIDPrefix: "obis-bridge-demo", speed: .times(speed))
        _ = try player.play(while: isWanted) { message in
            let text = shift.shifted(String(decoding: message.payload, as: UTF8.self))
            return MQTTMessage(topic: message.topic, text: text, qos: .atLeastOnce)
        }
        // Plays once: in a second round the counters would fall, and the bridge would correctly hold them.
        while isWanted() { Thread.sleep(forTimeInterval: 0.1) }
    }
}

extension RecordedTraffic {
    /// The time from the first to the last message, in seconds.
    var seconds: Double {
        guard let first = messages.first, let last = messages.last else { return 0 }
        return Double((last.received - first.received).milliseconds) / 1000
    }
}

/// Replaces the recorded times in payloads with current ones.
struct TimeShift: Sendable {
    private let seconds: Int64
    private let zone: Zone

    /// A shift that moves the moment `start` of the recording to `now`.
    init(from start: Timestamp, to now: Timestamp, zone: Zone) {
        self.zone = zone
        seconds = now.seconds - start.seconds
    }

    /// The payload with its `timestamp` (epoch) and its `Time` (local time) moved.
    func shifted(_ payload: String) -> String {
        var result = payload
        if let key = result.firstRange(of: "\"timestamp\": ") {
            let digits = result[key.upperBound...].prefix { $0.isNumber }
            if let epoch = Int64(digits) {
                result.replaceSubrange(digits.startIndex..<digits.endIndex, with: "\(epoch + seconds)")
            }
        }
        if let key = result.firstRange(of: "\"Time\":\""), let end = result[key.upperBound...].firstIndex(of: "\""),
            let parsed = RFC3339.parse(String(result[key.upperBound..<end])), parsed.offset == nil
        {
            let instant = zone.instant(parsed.wall, near: Timestamp(seconds: 0)) + .seconds(seconds)
            let wall = WallTime(instant, offset: zone.offset(at: instant))
            result.replaceSubrange(key.upperBound..<end, with: wall.description)
        }
        return result
    }
}
