// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT
import TestSupport

/// Publishes numbered messages; each is published again until the broker has acknowledged it.
final class NumberSource: Sendable {
    /// The last number that the broker has acknowledged, of those published one by one.
    let published = Monitor(0)
    /// The last number that may be published by now, of those published one by one: so that something is on its way at every
    /// blow, however long the blows take.
    let permitted: Monitor<Int>
    private let thread: TestThread

    /// - Parameters:
    ///   - port: of the broker itself, not of a proxy.
    ///   - permitted: where it pauses first; `count` for not at all.
    init(port: Int, scenario: LossScenario, count: Int, permitted: Int? = nil) {
        let published = published
        let limit = Monitor(permitted ?? count)
        self.permitted = limit
        thread = TestThread {
            switch scenario {
            case .exactlyOnce: Self.stream(port: port, scenario, count, qos: 2)
            case .tasmota: Self.stream(port: port, scenario, count, qos: 0)
            default:
                if scenario.isBacklog {
                    Self.stream(port: port, scenario, count, qos: 1)
                } else {
                    Self.publish(port: port, scenario, count, published, limit)
                }
            }
        }
    }

    /// True when everything is published.
    func wait(seconds: Double) -> Bool { thread.join(seconds: seconds) }

    /// One message after the other, as meters do it.
    private static func publish(
        port: Int, _ scenario: LossScenario, _ count: Int, _ published: Monitor<Int>, _ permitted: Monitor<Int>
    ) {
        let settings = BrokerSettings(host: "localhost", port: port)
        var client: OneShotClient?
        for number in 1...count {
            if permitted.value < number {
                // A client that waits without a call would lose its connection.
                client?.close()
                client = nil
                guard permitted.wait(seconds: 600, until: { $0 >= number }) else { return }
            }
            for (topic, payload) in scenario.messages(number) {
                var isPublished = false
                while !isPublished {
                    do throws(MQTTError) {
                        if client == nil {
                            let new = OneShotClient(broker: settings, clientIDPrefix: "meter")
                            try new.connect(timeout: .seconds(2))
                            client = new
                        }
                        try client?.publish(MQTTMessage(topic: topic, text: payload), timeout: .seconds(5))
                        isPublished = true
                        // A flow that the bridge keeps up with, so that a kill finds it at work and not at its backlog.
                        usleep(scenario.pause)
                    } catch {
                        client = nil
                    }
                }
            }
            published.withLock { $0 = number }
        }
        client?.close()
    }

    /// As fast as `mosquitto_pub` can, with its window of 20. No more than 50000 messages at a time: it ends when the packet id
    /// of its last message is acknowledged, which after 65535 messages is the id of an earlier one too.
    private static func stream(port: Int, _ scenario: LossScenario, _ count: Int, qos: Int) {
        let messages = (1...count).lazy.flatMap(scenario.messages)
        var lines: [UInt8] = []
        var held = 0
        for (topic, payload) in messages {
            lines += Array(payload.utf8) + [10]
            held += 1
            guard held == 50_000 else { continue }
            send(lines, port: port, topic: topic, qos: qos)
            (lines, held) = ([], 0)
        }
        if held > 0, let topic = scenario.messages(1).first?.topic { send(lines, port: port, topic: topic, qos: qos) }
    }

    private static func send(_ lines: [UInt8], port: Int, topic: String, qos: Int) {
        // A steady flow at QoS 0: what a full socket takes no more, nobody repeats.
        let pace = qos == 1 ? "cat" : "awk '{print} NR % 20 == 0 {fflush(); system(\"sleep 0.01\")}'"
        let client = try? ChildProcess(
            "/bin/sh", ["-c", "\(pace) | mosquitto_pub -h localhost -p \(port) -V 5 -q \(qos) -t \(topic) -l"],
            input: lines)
        _ = client?.wait(seconds: 3600)
    }
}
