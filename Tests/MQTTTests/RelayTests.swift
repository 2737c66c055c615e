// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct RelayTests {
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `500 messages pass in order`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#"])
        let relay = RunningRelay(.test(input: broker.port, version: version))
        #expect(relay.isSubscribed())
        let lines = (1...500).map(String.init)
        try mosquittoPub(port: broker.port, topic: "in/a", lines: lines)
        #expect(sink.wait { $0.count >= 500 })
        #expect(sink.messages == lines.map { "out/a \($0)" })
        #expect(relay.events.contains(.connected(side: .input, version: version, sessionPresent: false)))
        #expect(relay.stop())
    }

    @Test func `input and output may be different brokers`() throws {
        let (first, second) = (try MosquittoBroker(), try MosquittoBroker())
        let sink = try MosquittoSub(port: second.port)
        let relay = RunningRelay(.test(input: first.port, output: second.port))
        #expect(relay.isSubscribed())
        try mosquittoPub(port: first.port, topic: "in/a", payload: "hello")
        #expect(sink.wait { $0 == ["out/a hello"] })
        #expect(relay.stop())
    }

    @Test func `QoS 0 messages pass at QoS 0`() throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#"], format: "%q %p")
        let relay = RunningRelay(.test(input: broker.port), qos: .atMostOnce)
        #expect(relay.isSubscribed())
        try mosquittoPub(port: broker.port, topic: "in/a", lines: (1...100).map(String.init), qos: 0)
        #expect(sink.wait { $0 == (1...100).map { "0 \($0)" } })
        #expect(relay.stop())
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `nothing is lost while the output broker is away`(version: ProtocolVersion) throws {
        let input = try MosquittoBroker()
        let output = try MosquittoBroker(.init(isPersistent: true))
        let relay = RunningRelay(.test(input: input.port, output: output.port, version: version))
        #expect(relay.isSubscribed())
        let sinkOptions = ["-c", "-i", "sink"]
        var sink: MosquittoSub? = try MosquittoSub(port: output.port, arguments: sinkOptions)
        try mosquittoPub(port: input.port, topic: "in/a", lines: (1...50).map(String.init))
        #expect(sink?.wait { $0.count >= 50 } == true)
        sink = nil
        output.kill()
        try mosquittoPub(port: input.port, topic: "in/a", lines: (51...700).map(String.init))
        try output.start()
        let again = try MosquittoSub(port: output.port, arguments: sinkOptions)
        #expect(again.wait(seconds: 30) { $0.contains("out/a 700") })
        // The sink's own session may repeat; what counts is that each number came.
        #expect(Set((51...700).map { "out/a \($0)" }).isSubset(of: again.messages))
        #expect(relay.stop())
    }

    @Test func `a restarted input broker with its sessions loses nothing`() throws {
        let input = try MosquittoBroker(.init(isPersistent: true))
        let output = try MosquittoBroker()
        let sink = try MosquittoSub(port: output.port)
        let relay = RunningRelay(.test(input: input.port, output: output.port))
        #expect(relay.isSubscribed())
        try mosquittoPub(port: input.port, topic: "in/a", payload: "before")
        #expect(sink.wait { $0.contains("out/a before") })
        try input.restart()
        try mosquittoPub(port: input.port, topic: "in/a", payload: "after")
        #expect(sink.wait { $0.contains("out/a after") })
        #expect(relay.waits { $0 == .connected(side: .input, version: .v5, sessionPresent: true) })
        // The session has the subscription: asking again would replay retained messages.
        #expect(relay.events.count { if case .subscribed = $0 { true } else { false } } == 1)
        #expect(relay.stop())
    }

    @Test func `a forgotten session is subscribed again and reported`() throws {
        let (input, output) = (try MosquittoBroker(), try MosquittoBroker())
        let sink = try MosquittoSub(port: output.port)
        let relay = RunningRelay(.test(input: input.port, output: output.port))
        #expect(relay.isSubscribed())
        try input.restart()
        #expect(relay.waits { $0 == .sessionLost(clientID: "obis-bridge-in") })
        #expect(relay.record.wait { $0.events.count { if case .subscribed = $0 { true } else { false } } == 2 })
        try mosquittoPub(port: input.port, topic: "in/a", payload: "after")
        #expect(sink.wait { $0.contains("out/a after") })
        #expect(relay.stop())
    }

    /// With MQTT 5 the relay sets the window; with 3.1.1 only the broker can.
    @Test(arguments: [(ProtocolVersion.v5, "max_inflight_messages 20"), (.v311, "max_inflight_messages 200")])
    func `groups larger than a broker's usual window close whole`(version: ProtocolVersion, line: String) throws {
        let broker = try MosquittoBroker(.init(lines: [line]))
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#"])
        let relay = RunningRelay(.test(input: broker.port, version: version), groupSize: 36)
        #expect(relay.isSubscribed())
        let lines = (1...72).map(String.init)
        try mosquittoPub(port: broker.port, topic: "in/a", lines: lines)
        #expect(
            sink.wait {
                $0 == ["out/a " + lines[..<36].joined(separator: "+"), "out/a " + lines[36...].joined(separator: "+")]
            })
        #expect(relay.stop())
    }

    @Test func `a group larger than the window of a 3 1 1 broker closes whole and the operator is told`() throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#"])
        let relay = RunningRelay(.test(input: broker.port, version: .v311), groupSize: 36)
        #expect(relay.isSubscribed())
        let lines = (1...36).map(String.init)
        try mosquittoPub(port: broker.port, topic: "in/a", lines: lines)
        #expect(sink.wait { $0 == ["out/a " + lines.joined(separator: "+")] })
        #expect(relay.waits { $0 == .windowTooSmall(unacknowledged: 20) })
        #expect(relay.stop())
    }

    @Test func `an open group is flushed when its first message waits too long`() throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#"])
        var settings = RelaySettings.test(input: broker.port)
        settings.groupTimeout = .milliseconds(300)
        let relay = RunningRelay(settings, groupSize: 3)
        #expect(relay.isSubscribed())
        try mosquittoPub(port: broker.port, topic: "in/a", lines: ["1", "2"])
        #expect(sink.wait { $0 == ["out/a 1+2"] })
        #expect(relay.stop())
    }

    @Test func `a clean stop finishes open groups and says farewell`() throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#", "status"])
        var settings = RelaySettings.test(input: broker.port)
        settings.will = MQTTMessage(topic: "status", text: "vanished", isRetained: true)
        settings.birth = [MQTTMessage(topic: "status", text: "online", isRetained: true)]
        settings.farewell = [MQTTMessage(topic: "status", text: "offline", isRetained: true)]
        let relay = RunningRelay(settings, groupSize: 10)
        #expect(relay.isSubscribed())
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "1")
        #expect(relay.record.wait { $0.handled == ["1"] })
        #expect(relay.stop())
        #expect(sink.wait { $0 == ["status online", "out/a 1", "status offline"] })
        // Acknowledged: a successor does not get it again.
        let successor = RunningRelay(settings)
        #expect(successor.waits { $0 == .connected(side: .input, version: .v5, sessionPresent: true) })
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "2")
        #expect(successor.record.wait { !$0.handled.isEmpty })
        #expect(successor.record.value.handled == ["2"])
        #expect(successor.stop())
    }

    @Test func `the last will is published when the connection breaks`() throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port, topics: ["status"])
        var settings = RelaySettings.test(input: broker.port)
        settings.will = MQTTMessage(topic: "status", text: "offline", isRetained: true)
        settings.birth = [MQTTMessage(topic: "status", text: "online", isRetained: true)]
        let relay = RunningRelay(settings)
        #expect(sink.wait { $0 == ["status online"] })
        // Another client with the output's id: the broker closes ours.
        let thief = try MosquittoSub(port: broker.port, topics: ["x"], arguments: ["-i", "obis-bridge-out", "-V", "5"])
        #expect(sink.wait { $0.prefix(2) == ["status online", "status offline"] })
        withExtendedLifetime(thief) {}
        #expect(relay.stop())
    }

    @Test func `retained messages are read back before the input opens`() throws {
        let broker = try MosquittoBroker()
        for meter in 1...60 {
            try mosquittoPub(port: broker.port, topic: "out/\(meter)/state", payload: "\(meter)", retain: true)
        }
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "retained input", retain: true)
        let sink = try MosquittoSub(port: broker.port, topics: ["out/restored", "out/a"])
        var settings = RelaySettings.test(input: broker.port)
        settings.baseline = .init(filters: ["out/+/state"], markerTopic: "out/marker")
        let relay = RunningRelay(settings)
        #expect(sink.wait { $0 == ["out/restored true", "out/a retained input"] })
        #expect(relay.record.value.restored.sorted() == (1...60).map(String.init).sorted())
        #expect(relay.record.value.isBaselineComplete == true)
        #expect(relay.stop())
    }
}
