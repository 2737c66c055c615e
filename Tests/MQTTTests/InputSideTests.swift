// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport
import Testing

/// What may be written to the input, and when; and what a sender on a raw topic can do to the loop.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct InputSideTests {
    private static let client = "obis-bridge-in"

    private static func acknowledged(_ entries: [FakeBroker.Entry]) -> [Int] {
        entries.filter { $0.client == client && $0.kind == .puback }.map(\.id)
    }

    /// The messages of a session that come together with CONNACK stay unacknowledged until the output has what became of them.
    private func resume(_ input: FakeBroker, _ settings: RelaySettings, output: FakeBroker) {
        input.keepSession(of: Self.client, topic: "in/a", payloads: ["1", "2", "3"])
        output.holdAcknowledgements()
        let relay = RunningRelay(settings)
        #expect(output.wait { $0.count { $0.kind == .publish } == 3 })
        // Nothing can be waited for that must not come: this is the time in which it would.
        #expect(!input.wait(seconds: 0.5) { !Self.acknowledged($0).isEmpty })
        #expect(relay.record.value.handled == ["1", "2", "3"])
        output.releaseAcknowledgements()
        #expect(input.wait { Self.acknowledged($0) == [1, 2, 3] })
        // Before it reads anything or behind the acknowledgements: a SUBSCRIBE in between would take them along.
        #expect(input.wait { $0.contains { $0.client == Self.client && $0.kind == .subscribe } })
        #expect(relay.stop())
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `what comes with CONNACK is not acknowledged by the SUBSCRIBE`(version: ProtocolVersion) throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        resume(input, .test(input: input.port, output: output.port, version: version), output: output)
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `what comes with CONNACK in one TLS record is not acknowledged by the SUBSCRIBE`(version: ProtocolVersion)
        throws
    {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        let certificates = try TestCertificates(in: TemporaryDirectory())
        let front = try TLSFront(to: input.port, certificates)
        var settings = RelaySettings.test(input: front.port, output: output.port, version: version)
        settings.input.tls = TLSSettings(caFile: certificates.caFile)
        resume(input, settings, output: output)
        withExtendedLifetime(front) {}
    }

    @Test func `a session that ends before SUBSCRIBE is written is subscribed to by the next connection`() throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        input.keepSession(of: Self.client, topic: "in/a", payloads: ["1"])
        output.holdAcknowledgements()
        let relay = RunningRelay(.test(input: input.port, output: output.port))
        #expect(output.wait { $0.contains { $0.kind == .publish } })
        // The broker has the session and not the subscription.
        input.keepSession(of: Self.client, topic: "in/a", payloads: ["1"])
        input.reset(Self.client)
        output.releaseAcknowledgements()
        #expect(input.wait { $0.contains { $0.client == Self.client && $0.kind == .subscribe } })
        #expect(relay.stop())
    }

    @Test func `a flood of messages that produce nothing does not keep the relay from stopping`() throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        // The group never ends, so nothing is published.
        let relay = RunningRelay(.test(input: input.port, output: output.port), groupSize: .max, keepsNothing: true)
        #expect(input.wait { $0.contains { $0.client == Self.client && $0.kind == .subscribe } })
        input.flood(Self.client, topic: "in/a", payload: "x")
        #expect(relay.record.wait { $0.handled.count > 5000 })
        #expect(relay.stop())
    }

    @Test func `a peer that keeps sending does not keep a client from closing`() throws {
        let broker = try FakeBroker()
        let client = OneShotClient(broker: BrokerSettings(host: "localhost", port: broker.port), clientIDPrefix: "one")
        try client.connect()
        let name = try #require(broker.entries.first { $0.kind == .connect }?.client)
        broker.flood(name, topic: "a", payload: "x")
        #expect(try client.receive(timeout: .seconds(5)) != nil)
        client.close()
        #expect(broker.wait { $0.contains { $0.kind == .disconnect } })
    }

    @Test func `commands beyond ten a second are ignored, counted and reported`() throws {
        let broker = try FakeBroker()
        var settings = RelaySettings.test(input: broker.port)
        settings.commandTopic = "command"
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed())
        #expect(broker.wait { $0.count { $0.kind == .subscribe } == 2 })
        broker.send((1...150).map { "\($0)" }, topic: "command", to: "obis-bridge-out")
        #expect(relay.waits { if case .commandsIgnored = $0 { true } else { false } })
        let taken = relay.record.value.commands
        #expect(taken.prefix(20) == (1...20).map { "\($0)" }[...])
        #expect(taken.count < 100)
        #expect(relay.stop())
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a message beyond the limit never fills the memory`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        var settings = RelaySettings.test(input: broker.port, version: version)
        settings.payloadLimit = 10_000
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed())
        // Beyond the limit and within the packet that the broker may send: the beginning comes with what is left out.
        try mosquittoPub(port: broker.port, topic: "in/a", payload: String(repeating: "x", count: 20_000))
        // Beyond the packet: MQTT 5 keeps it at the broker, 3.1.1 has no word for that.
        try mosquittoPub(port: broker.port, topic: "in/a", payload: String(repeating: "y", count: 100_000))
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "end")
        #expect(relay.record.wait { $0.handled.last == "end" })
        let sizes = relay.record.value.sizes
        #expect(sizes.map(\.kept) == (version == .v5 ? [8192, 3] : [8192, 8192, 3]))
        #expect(sizes.map(\.sent) == (version == .v5 ? [20_000, 3] : [20_000, 100_000, 3]))
        #expect(relay.stop())
    }

    /// Topics that libmosquitto refuses and RabbitMQ passes on.
    @Test(arguments: [ProtocolVersion.v5, .v311], [[0xFF], [0x61, 0], [0x61, 1], [0xED, 0xA0, 0x80]] as [[UInt8]])
    func `a message that libmosquitto refuses is found, reported and acknowledged, and the others pass`(
        version: ProtocolVersion, bytes: [UInt8]
    ) async throws {
        try await onOwnThread {
            let (input, output) = (try FakeBroker(), try FakeBroker())
            let topic = Array("in/".utf8) + bytes
            input.keepSession(
                of: Self.client,
                messages: [(Array("in/a".utf8), "1"), (topic, "bad"), (Array("in/b".utf8), "2"), (topic, "worse")])
            var settings = RelaySettings.test(input: input.port, output: output.port, version: version)
            settings.reconnectDelay = .milliseconds(20) ... .milliseconds(50)
            let relay = RunningRelay(settings)
            #expect(input.wait(seconds: 60) { Set(Self.acknowledged($0)) == [1, 2, 3, 4] }, "\(relay.events)")
            #expect(relay.record.value.unreadable.map { String(decoding: $0, as: UTF8.self) } == ["bad", "worse"])
            #expect(relay.record.wait { Set($0.handled) == ["1", "2"] })
            let entries = output.publications.map(\.payload)
            #expect(entries.contains("bad") && entries.contains("worse"))
            // Nothing was acknowledged that had not come out.
            #expect(relay.waits { if case .unreadableTaken = $0 { true } else { false } })
            #expect(relay.stop())
        }
    }

    @Test func `a session is not given up for packets that are malformed now and then`() async throws {
        try await onOwnThread {
            let (input, output) = (try FakeBroker(), try FakeBroker())
            var settings = RelaySettings.test(input: input.port, output: output.port)
            settings.reconnectDelay = .milliseconds(20) ... .milliseconds(50)
            let relay = RunningRelay(settings)
            #expect(relay.isSubscribed())
            for round in 2...14 {
                // A PUBLISH with QoS 3.
                input.sendBytes([0x36, 5, 0, 1, 0x61, 0, 1], to: Self.client)
                #expect(relay.isConnected(.input, times: round, seconds: 60), "\(relay.events)")
            }
            #expect(!relay.events.contains { if case .queueGivenUp = $0 { true } else { false } })
            input.send(["1"], topic: "in/a", to: Self.client)
            #expect(relay.record.wait { $0.handled == ["1"] })
            #expect(relay.stop())
        }
    }

    @Test func `what waits in the session of an earlier version is handled first, and the session ended`() async throws
    {
        try await onOwnThread {
            let broker = try MosquittoBroker(.init(lines: ["max_queued_messages 1000"]))
            let old = RunningRelay(.test(input: broker.port, clientID: "old-in"))
            #expect(old.isSubscribed())
            #expect(old.stop())
            try mosquittoPub(port: broker.port, topic: "in/a", lines: (1...500).map { "\($0)" })
            let relay = RunningRelay(.test(input: broker.port, clientID: "new-in"), former: "old-in")
            #expect(relay.isSubscribed(seconds: 60))
            #expect(relay.waits { $0 == .sessionDrained(clientID: "old-in", count: 500) })
            try mosquittoPub(port: broker.port, topic: "in/a", payload: "501")
            #expect(relay.record.wait { $0.handled.last == "501" })
            #expect(relay.record.value.handled == (1...501).map { "\($0)" })
            #expect(relay.stop())
            // Nothing is left of it: who comes with the old id finds no session.
            let again = RunningRelay(.test(input: broker.port, clientID: "old-in"))
            #expect(again.waits { $0 == .connected(side: .input, version: .v5, sessionPresent: false) })
            #expect(again.stop())
        }
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a question waits until nothing is owed, and is asked again on the next connection`(version: ProtocolVersion)
        throws
    {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        input.keepSession(of: Self.client, topic: "in/a", payloads: ["1", "2"])
        output.holdAcknowledgements()
        var settings = RelaySettings.test(input: input.port, output: output.port, version: version)
        settings.questions = [Question(topic: "in/keepalive", every: .seconds(3600))]
        let relay = RunningRelay(settings)
        #expect(output.wait { $0.count { $0.kind == .publish } == 2 })
        func asked(_ entries: [FakeBroker.Entry]) -> Int {
            // The input's client publishes nothing else.
            entries.count { $0.client == Self.client && $0.kind == .publish }
        }
        // Nothing can be waited for that must not come: this is the time in which it would.
        #expect(!input.wait(seconds: 0.5) { asked($0) > 0 })
        output.releaseAcknowledgements()
        #expect(input.wait { asked($0) == 1 })
        input.reset(Self.client)
        #expect(input.wait { asked($0) == 2 })
        #expect(relay.stop())
    }
}
