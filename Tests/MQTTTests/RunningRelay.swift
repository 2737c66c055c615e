// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport

/// A relay on a thread of its own, with a recording handler.
final class RunningRelay: Sendable {
    let record: Monitor<RecordingHandler.Record>
    private let relay: Relay
    private let error = Monitor<MQTTError?>(nil)
    private let processorTime = Monitor(0.0)
    private let thread: TestThread

    init(
        _ settings: RelaySettings, groupSize: Int = 1, qos: QoS = .atLeastOnce, keepsNothing: Bool = false,
        former: String? = nil
    ) {
        let record = Monitor(RecordingHandler.Record())
        self.record = record
        var handler = RecordingHandler(record: record, groupSize: groupSize, qos: qos)
        handler.keepsNothing = keepsNothing
        handler.formerClientID = former
        let relay = Relay(settings: settings, handler: handler)
        self.relay = relay
        let (error, processorTime) = (error, processorTime)
        thread = TestThread {
            do throws(MQTTError) { try relay.run() } catch let failure { error.withLock { $0 = failure } }
            processorTime.withLock { $0 = threadProcessorTime() }
        }
    }

    deinit { relay.stop() }

    /// Seconds of processor time that the relay's thread used, after its end.
    var usedProcessorTime: Double { processorTime.value }

    var events: [RelayEvent] { record.value.events }

    /// Waits until the subscriptions are made.
    func isSubscribed(seconds: Double = 15) -> Bool {
        waits(seconds: seconds) { if case .subscribed = $0 { true } else { false } }
    }

    func isConnected(_ side: RelaySide, times: Int = 1, seconds: Double = 15) -> Bool {
        record.wait(seconds: seconds) { record in
            record.events.count { if case .connected(side, _, _) = $0 { true } else { false } } >= times
        }
    }

    func waits(seconds: Double = 15, for predicate: (RelayEvent) -> Bool) -> Bool {
        record.wait(seconds: seconds) { $0.events.contains(where: predicate) }
    }

    /// Stops cleanly; false when it does not end.
    func stop() -> Bool {
        relay.stop()
        return thread.join()
    }

    /// Waits for `run()` to end by itself and returns what it threw.
    func failure(seconds: Double = 15) -> MQTTError? { thread.join(seconds: seconds) ? error.value : nil }
}

extension RelaySettings {
    /// `in/#` from one port, results to the same or another.
    static func test(
        input: Int, output: Int? = nil, version: ProtocolVersion = .automatic, clientID: String = "obis-bridge-in"
    ) -> RelaySettings {
        RelaySettings(
            input: BrokerSettings(host: "localhost", port: input, protocolVersion: version),
            output: BrokerSettings(host: "localhost", port: output ?? input, protocolVersion: version),
            inputClientID: clientID, outputClientID: "obis-bridge-out", subscriptions: [TopicFilter("in/#")])
    }
}
