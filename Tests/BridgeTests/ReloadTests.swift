// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// A running bridge gets another configuration.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct RunningReloadTests {
    private func source(_ name: String, _ topic: String) -> String {
        "\(name): {adapter: gplug, labels: gplug-e-as3000, subscribe: \(topic), meter: \(name)}"
    }

    private func payload(_ power: Int) -> String { "{\"z\":{\"Pi\":\(power),\"B1\":1}}" }

    @Test func `SIGHUP adds and removes sources`() throws {
        let broker = try MosquittoBroker()
        let manager = try FakeServiceManager(isAbstract: false)
        let head = "bridge: test\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\n"
        let bridge = try RunningBridge(
            head + "sources: {\(source("one", "tele/1/SENSOR"))}", environment: ["NOTIFY_SOCKET": manager.address])
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/obis/1-0:1.7.0"])
        try mosquittoPub(port: broker.port, topic: "tele/1/SENSOR", payload: payload(11))
        #expect(output.wait { $0 == ["harmonized/v1/meter/one/obis/1-0:1.7.0 11"] }, "\(bridge.log)")

        try bridge.configure(head + "sources: {\(source("two", "tele/2/SENSOR"))}")
        bridge.process.kill(SIGHUP)
        #expect(bridge.wait(forLog: "configuration reloaded"), "\(bridge.log)")
        #expect(bridge.wait(forLog: "subscribed to tele/2/SENSOR"), "\(bridge.log)")
        #expect(manager.wait { messages in messages.contains { $0.first == "RELOADING=1" } })
        let reload = manager.messages.value.first { $0.first == "RELOADING=1" } ?? []
        #expect(reload.last?.hasPrefix("MONOTONIC_USEC=") == true)
        #expect(manager.wait { $0.count { $0.first == "READY=1" } >= 2 })
        try mosquittoPub(port: broker.port, topic: "tele/2/SENSOR", payload: payload(22))
        try mosquittoPub(port: broker.port, topic: "tele/1/SENSOR", payload: payload(33))
        #expect(output.wait { $0.last == "harmonized/v1/meter/two/obis/1-0:1.7.0 22" }, "\(bridge.log)")
        // Whoever subscribes now sees nothing of the meter that is gone.
        let kept = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/#"])
        #expect(kept.wait { $0.contains { $0.hasPrefix("harmonized/v1/meter/two/state") } })
        #expect(!kept.messages.contains { $0.hasPrefix("harmonized/v1/meter/one/") }, "\(kept.messages)")
        #expect(bridge.stop() == 0)
        broker.stop()
        #expect(broker.log.contains { $0.contains("UNSUBSCRIBE from test-in") })
    }

    @Test func `a changed file is noticed, and one with mistakes keeps what runs`() throws {
        let broker = try MosquittoBroker()
        let head = "bridge: test\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\n"
        let directory = try TemporaryDirectory()
        try directory.write("mine.yaml", "extends: harmonized\nregisters: {\"1-0:1.7.0\": {alias: a}}\n")
        let bridge = try RunningBridge(
            head + "sources: {\(source("one", "tele/1/SENSOR"))}\nprofile: mine.yaml", in: directory)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/one/state"])
        try directory.write("mine.yaml", "extends: harmonized\nregisters: {\"1-0:1.7.0\": {aliass: b}}\n")
        #expect(bridge.wait(forLog: "mine.yaml:2:"), "\(bridge.log)")
        #expect(bridge.wait(forLog: "not applied: the previous configuration stays in force"), "\(bridge.log)")
        try mosquittoPub(port: broker.port, topic: "tele/1/SENSOR", payload: payload(11))
        #expect(output.wait { $0.last?.contains("\"values\":{\"a\":11") == true }, "\(bridge.log)")
        let health = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/bridge/test/health"])
        #expect(
            health.wait(seconds: 60) {
                $0.contains { $0.contains("\"configuration_problem\":\"") && $0.contains("mine.yaml:2:") }
            }, "\(health.messages)")
        try directory.write("mine.yaml", "extends: harmonized\nregisters: {\"1-0:1.7.0\": {alias: b}}\n")
        #expect(bridge.wait(forLog: "configuration reloaded"), "\(bridge.log)")
        #expect(output.wait { $0.last?.contains("\"values\":{\"b\":11") == true }, "\(bridge.log)")
        #expect(bridge.stop() == 0)
    }

    @Test func `another log format is that of every line from then on, whoever writes it`() throws {
        let broker = try MosquittoBroker()
        let head = "bridge: test\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\n"
        let sources = "sources: {\(source("one", "tele/1/SENSOR"))}\n"
        let bridge = try RunningBridge(head + sources)
        try bridge.configure(head + sources + "log: {format: json}\n")
        bridge.process.kill(SIGHUP)
        #expect(bridge.wait(forLog: "configuration reloaded"), "\(bridge.log)")
        let before = bridge.process.output.value.lines.prefix { !$0.contains("configuration reloaded") }.count
        // The loop's line, that of what reads files, of what asks readers, and of what answers HTTP.
        let port = try freePort()
        let more = "more: {adapter: p1, zone: UTC, meter: more, http: {url: \"http://127.0.0.1:1/\", every: 500ms}}"
        try bridge.configure(
            head + "sources: {\(source("one", "tele/1/SENSOR")), \(more)}\nlog: {format: json}\nhttp: \(port)\n")
        bridge.process.kill(SIGHUP)
        #expect(bridge.wait(forLog: "is read from now on"), "\(bridge.log)")
        #expect(bridge.wait(forLog: "http: answered on"), "\(bridge.log)")
        try bridge.configure("nonsense: 1\n")
        bridge.process.kill(SIGHUP)
        #expect(bridge.wait(forLog: "not applied: the previous"), "\(bridge.log)")
        let lines = bridge.process.output.value.lines.dropFirst(before)
        #expect(lines.count > 5 && lines.allSatisfy { $0.hasPrefix("{\"time\":") }, "\(lines)")
        #expect(bridge.stop() == 0)
    }

    @Test func `another bridge name leaves nothing of the old one behind`() throws {
        let broker = try MosquittoBroker()
        func configuration(_ name: String) -> String {
            "bridge: \(name)\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\nsources: {\(source("one", "tele/1/SENSOR"))}"
        }
        let bridge = try RunningBridge(configuration("old"))
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/bridge/+/status"])
        #expect(output.wait { $0 == ["harmonized/v1/bridge/old/status online"] })
        try bridge.configure(configuration("new"))
        #expect(output.wait(seconds: 20) { $0.contains("harmonized/v1/bridge/new/status online") }, "\(bridge.log)")
        let kept = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/bridge/#"])
        #expect(kept.wait { $0.count >= 2 })
        #expect(!kept.messages.contains { $0.hasPrefix("harmonized/v1/bridge/old") }, "\(kept.messages)")
        #expect(bridge.stop() == 0)
    }

    @Test func `reloading under load loses nothing`() throws {
        let broker = try MosquittoBroker(.init(lines: ["max_queued_messages 1000000"]))
        func configuration(_ turn: Int) -> String {
            """
            broker: {url: "mqtt://localhost:\(broker.port)", keepalive: \(60 + turn)}
            zone: UTC
            sources: {\(source("one", "tele/1/SENSOR")), \(source("more-\(turn)", "tele/more-\(turn)/SENSOR"))}
            """
        }
        let bridge = try RunningBridge(configuration(0))
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/meter/one/obis/1-0:1.7.0"], format: "%p")
        let count = 3000
        let lines = (1...count).map { payload($0) }
        let port = broker.port
        let publisher = TestThread { try? mosquittoPub(port: port, topic: "tele/1/SENSOR", lines: lines) }
        for turn in 1...6 {
            // Now the filters change, now the connections as well.
            try bridge.configure(configuration(turn))
            bridge.process.kill(SIGHUP)
            #expect(
                bridge.process.wait { $0.count { $0.contains("configuration reloaded") } >= turn }, "\(bridge.log)")
        }
        #expect(publisher.join(seconds: 60))
        #expect(
            output.wait(seconds: 60) { $0.count >= count && Set($0).count == count },
            "\(count - Set(output.messages).count) lost\n\(bridge.log)")
        #expect(bridge.stop() == 0)
    }

    @Test func `filters of an earlier configuration do not stay in the session`() throws {
        let broker = try MosquittoBroker()
        func configuration(_ topic: String) -> String {
            "bridge: test\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\nsources: {\(source("one", topic))}"
        }
        #expect(try RunningBridge(configuration("tele/1/SENSOR")).stop() == 0)
        let second = try RunningBridge(configuration("tele/2/SENSOR"))
        #expect(second.stop() == 0)
        let third = try RunningBridge(configuration("tele/2/SENSOR"))
        #expect(third.stop() == 0)
        // The broker writes the last of its log when it ends.
        broker.stop()
        #expect(broker.log.count { $0.contains("UNSUBSCRIBE from test-in") } == 1, "\(second.log)")
    }

    /// A bridge between two brokers that has published one meter.
    private func publishing(from input: MosquittoBroker, to output: MosquittoBroker) throws -> RunningBridge {
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(input.port)
            output_broker: mqtt://localhost:\(output.port)
            zone: UTC
            sources: {\(source("one", "tele/1/SENSOR"))}
            """)
        let published = try MosquittoSub(port: output.port, topics: ["harmonized/v1/meter/one/info"])
        try mosquittoPub(port: input.port, topic: "tele/1/SENSOR", payload: payload(11))
        #expect(published.wait { !$0.isEmpty }, "\(bridge.log)")
        return bridge
    }

    @Test func `a broker that forgot its retained messages gets them again`() throws {
        let (input, output) = (try MosquittoBroker(), try MosquittoBroker())
        let bridge = try publishing(from: input, to: output)
        try output.restart()
        #expect(bridge.wait(forLog: "forgot the retained messages: publishing them again"), "\(bridge.log)")
        let after = try MosquittoSub(port: output.port, topics: ["harmonized/v1/meter/one/#"])
        for topic in ["state", "info", "availability", "obis/1-0:1.8.1"] {
            #expect(after.wait { $0.contains { $0.hasPrefix("harmonized/v1/meter/one/\(topic) ") } }, "\(topic)")
        }
        #expect(!after.messages.contains { $0.contains("obis/1-0:1.7.0") })
        #expect(bridge.stop() == 0)
    }

    @Test func `a broker that kept them is left in peace`() throws {
        let (input, output) = (try MosquittoBroker(), try MosquittoBroker(.init(isPersistent: true)))
        let bridge = try publishing(from: input, to: output)
        try output.restart()
        #expect(
            bridge.process.wait { $0.count { $0.contains("output connected with") } >= 2 }, "\(bridge.log)")
        let after = try MosquittoSub(port: output.port, topics: ["harmonized/v1/meter/one/state"])
        #expect(after.wait { !$0.isEmpty })
        #expect(bridge.stop() == 0)
        #expect(!bridge.log.contains("forgot the retained messages"))
    }

    @Test func `a broker that drops messages is told on`() throws {
        let broker = try MosquittoBroker(.init(lines: ["max_queued_messages 1", "sys_interval 1"]))
        let bridge = try RunningBridge(
            "broker: mqtt://localhost:\(broker.port)\nzone: UTC\nsources: {\(source("one", "tele/1/SENSOR"))}")
        let absent = ["-i", "absent", "-c", "-V", "mqttv311"]
        _ = try MosquittoSub(port: broker.port, topics: ["x"], arguments: absent)
        let watcher = try MosquittoSub(port: broker.port, topics: ["$SYS/broker/publish/messages/dropped"])
        // The bridge has seen a count when another client has.
        #expect(watcher.wait { !$0.isEmpty })
        try mosquittoPub(port: broker.port, topic: "x", lines: (1...50).map(String.init))
        #expect(bridge.wait(forLog: "the input broker dropped "), "\(bridge.log)")
        #expect(bridge.log.contains("set max_queued_messages 1000000 in mosquitto.conf"))
        #expect(bridge.stop() == 0)
    }
}
