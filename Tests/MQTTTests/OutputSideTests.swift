// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT
import TestSupport
import Testing

/// What becomes of a publication that the output broker does not take.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct OutputSideTests {
    private static let client = "obis-bridge-in"

    private static func settings(_ input: FakeBroker, _ output: FakeBroker, _ version: ProtocolVersion = .automatic)
        -> RelaySettings
    {
        var settings = RelaySettings.test(input: input.port, output: output.port, version: version)
        settings.refusalPause = .milliseconds(20) ... .milliseconds(50)
        settings.reconnectDelay = .milliseconds(20) ... .milliseconds(50)
        settings.deadLetterTopic = "reject"
        settings.birth = [MQTTMessage(topic: "status", text: "online")]
        return settings
    }

    private static func isSubscribed(_ input: FakeBroker) -> Bool {
        input.wait { $0.contains { $0.client == client && $0.kind == .subscribe } }
    }

    private static func acknowledged(_ entries: [FakeBroker.Entry]) -> [Int] {
        entries.filter { $0.client == client && $0.kind == .puback }.map(\.id)
    }

    @Test(arguments: [0x97, 0x80, 0x83] as [UInt8])
    func `a refusal that may pass stops the output, which goes on in the old order`(reason: UInt8) throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        // The second topic is refused three times while those behind it are taken.
        output.judge { topic, count in topic == "out/2" && count <= 3 ? reason : 0 }
        let relay = RunningRelay(Self.settings(input, output))
        #expect(Self.isSubscribed(input))
        input.sendEach(["1", "2", "3", "4"], topics: ["in/1", "in/2", "in/3", "in/4"], to: Self.client)
        #expect(input.wait { Self.acknowledged($0) == [1, 2, 3, 4] })
        let all = output.publications.filter { $0.topic.hasPrefix("out/") }
        // The last word on each topic comes in the order of the input.
        #expect(all.suffix(3).map(\.topic) == ["out/2", "out/3", "out/4"])
        #expect(all.count { $0.topic == "out/2" && !$0.isTaken } == 3)
        #expect(relay.record.value.undeliverable.isEmpty)
        #expect(relay.waits { if case .outputPaused(topic: "out/2", _, _) = $0 { true } else { false } })
        #expect(relay.waits { $0 == .outputResumed })
        #expect(relay.record.wait { $0.status.outputProblem == nil })
        #expect(relay.stop())
    }

    @Test
    func `a broker that refuses again and again and takes some in between gets on, without longer and longer pauses`()
        throws
    {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        let count = Monitor(0)
        output.judge { topic, _ in
            guard topic == "out/a" else { return 0 }
            let number = count.withLock {
                $0 += 1
                return $0
            }
            return number.isMultiple(of: 5) ? 0x97 : 0
        }
        var settings = Self.settings(input, output)
        // Doubled sixteen times it would be hours.
        settings.refusalPause = .milliseconds(20) ... .seconds(3600)
        // Shorter than the pauses would be together: a pause is not the broker's silence.
        settings.acknowledgementTimeout = .milliseconds(300)
        let relay = RunningRelay(settings)
        #expect(Self.isSubscribed(input))
        let all = (1...60).map { "\($0)" }
        input.send(all, topic: "in/a", to: Self.client)
        #expect(input.wait(seconds: 60) { Self.acknowledged($0).count == 60 }, "\(relay.events)")
        #expect(!relay.events.contains { if case .acknowledgementsOverdue = $0 { true } else { false } })
        let taken = output.publications.filter { $0.topic == "out/a" && $0.isTaken }.map(\.payload)
        #expect(Set(taken) == Set(all) && taken.last == "60")
        #expect(relay.stop())
    }

    @Test func `while the output is paused the input is neither read nor acknowledged, and the status says why`() throws
    {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        output.judge { topic, _ in topic == "out/a" ? 0x97 : 0 }
        let relay = RunningRelay(Self.settings(input, output))
        #expect(Self.isSubscribed(input))
        input.send(["1"], topic: "in/a", to: Self.client)
        #expect(relay.record.wait { $0.status.outputProblem == "the broker refuses publications for now" })
        input.send(["2"], topic: "in/b", to: Self.client, firstID: 2)
        #expect(!relay.record.wait(seconds: 0.5) { $0.handled.count > 1 })
        #expect(Self.acknowledged(input.entries).isEmpty)
        output.judge { _, _ in 0 }
        #expect(input.wait { Self.acknowledged($0) == [1, 2] })
        #expect(relay.stop())
    }

    @Test func `a refusal without a reason gets ten tries over its time, and then the dead letter`() throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        output.judge { topic, _ in topic == "out/a" ? 0x80 : 0 }
        var settings = Self.settings(input, output)
        settings.refusalPatience = .milliseconds(100)
        let relay = RunningRelay(settings)
        #expect(Self.isSubscribed(input))
        input.send(["1"], topic: "in/a", to: Self.client)
        #expect(input.wait { Self.acknowledged($0) == [1] })
        #expect(output.publications.count { $0.topic == "out/a" } >= 10)
        #expect(output.publications.contains { $0.topic == "reject" && $0.payload == "1" && $0.isTaken })
        #expect(relay.record.value.undeliverable == ["out/a 1: unspecified error"])
        #expect(relay.stop())
    }

    @Test(arguments: [0x87, 0x90, 0x95, 0x99] as [UInt8])
    func `a refusal for good goes to the dead letter at once, and what follows goes on`(reason: UInt8) throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        output.judge { topic, _ in topic == "out/a" ? reason : 0 }
        let relay = RunningRelay(Self.settings(input, output))
        #expect(Self.isSubscribed(input))
        input.sendEach(["1", "2"], topics: ["in/a", "in/b"], to: Self.client)
        #expect(input.wait { Self.acknowledged($0) == [1, 2] })
        // 0x95 is no reason of a PUBACK in the standard: libmosquitto 2.1 ends the connection at it.
        #expect(output.publications.count { $0.topic == "out/a" } <= (reason == 0x95 ? 7 : 1))
        #expect(output.publications.contains { $0.topic == "reject" && $0.isTaken })
        let problem = reason == 0x87 ? "the broker does not allow out/a" : nil
        #expect(relay.record.wait { $0.status.outputProblem == problem && $0.undeliverable.count == 1 })
        // The access list was mended.
        output.judge { _, _ in 0 }
        input.send(["3"], topic: "in/a", to: Self.client, firstID: 3)
        #expect(relay.record.wait { $0.handled.count == 3 && $0.status.outputProblem == nil })
        #expect(relay.stop())
    }

    @Test func `a refused dead letter is counted and no dead letter of its own`() throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        output.judge { topic, _ in topic == "status" ? 0 : 0x87 }
        let relay = RunningRelay(Self.settings(input, output))
        #expect(Self.isSubscribed(input))
        input.send(["1"], topic: "in/a", to: Self.client)
        #expect(input.wait { Self.acknowledged($0) == [1] })
        #expect(output.publications.count { $0.topic == "reject" } == 1)
        #expect(relay.record.value.undeliverable.count == 1)
        #expect(relay.stop())
    }

    @Test func `a broker that takes QoS 0 only gets nothing, and the input keeps its messages`() throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        output.limitQoS(to: 0)
        let relay = RunningRelay(Self.settings(input, output))
        let event = RelayEvent.acknowledgesNothing(address: "localhost:\(output.port)")
        #expect(relay.waits { $0 == event })
        #expect("\(event)".contains("write qos: 0 in output_broker"))
        #expect(relay.record.wait { $0.status.outputProblem == "the broker takes QoS 0 only" })
        #expect(!input.wait(seconds: 0.5, until: { !$0.isEmpty }))
        #expect(relay.stop())
    }

    @Test func `who accepts the loss publishes with QoS 0`() throws {
        let (input, output) = (try FakeBroker(), try FakeBroker())
        output.limitQoS(to: 0)
        var settings = Self.settings(input, output)
        settings.acceptsLoss = true
        let relay = RunningRelay(settings)
        #expect(Self.isSubscribed(input))
        input.send(["1"], topic: "in/a", to: Self.client)
        #expect(input.wait { Self.acknowledged($0) == [1] })
        // Nothing says when the broker has it.
        #expect(output.wait(forPublications: { $0.contains { $0.topic == "out/a" } }))
        #expect(output.publications.allSatisfy { $0.qos == 0 })
        #expect(relay.stop())
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a publication at which the broker closes each time goes to the dead letter, the others pass`(
        version: ProtocolVersion
    ) async throws {
        try await onOwnThread {
            let (input, output) = (try FakeBroker(), try FakeBroker())
            output.close(atPayloadsLongerThan: 40)
            let relay = RunningRelay(Self.settings(input, output, version))
            #expect(Self.isSubscribed(input))
            let long = String(repeating: "x", count: 60)
            input.sendEach(["1", long, "3"], topics: ["in/a", "in/b", "in/c"], to: Self.client)
            #expect(input.wait(seconds: 60) { Self.acknowledged($0) == [1, 2, 3] })
            #expect(relay.record.value.undeliverable.map { $0.prefix(5) } == ["out/b"])
            #expect(output.publications.contains { $0.topic == "out/c" })
            #expect(
                relay.record.value.events.contains {
                    if case .publicationRefused(topic: "out/b", _, _) = $0 { true } else { false }
                })
            #expect(relay.stop())
        }
    }

    @Test func `a broker that is silent to MQTT 5 is asked with 3 1 1 at the fourth attempt`() async throws {
        try await onOwnThread {
            let broker = try FakeBroker(policy: .ignoresV5)
            var settings = Self.settings(broker, broker)
            settings.connectTimeout = .milliseconds(200)
            let relay = RunningRelay(settings)
            #expect(relay.isSubscribed(seconds: 60))
            let attempts = broker.entries.filter { $0.kind == .connect && $0.client == "obis-bridge-out" }.map(\.id)
            #expect(attempts == [5, 5, 5, 4])
            #expect(relay.stop())
        }
    }
}

/// Another process that speaks for the same bridge.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct PresenceTests {
    /// Who answers questions on a broker, until it goes.
    private final class Other: Sendable {
        private let isDone = Monitor(false)
        private let thread: TestThread

        init(port: Int) {
            let (isDone, isReady) = (isDone, Monitor(false))
            thread = TestThread {
                let client = OneShotClient(
                    broker: BrokerSettings(host: "localhost", port: port), clientIDPrefix: "other")
                do {
                    try client.connect()
                    try client.subscribe([TopicFilter("question")])
                    isReady.withLock { $0 = true }
                    while !isDone.value {
                        guard let message = try client.receive(timeout: .milliseconds(50)) else { continue }
                        try client.publish(MQTTMessage(topic: "answer", text: "other \(message.text)"))
                    }
                } catch {}
                client.close()
            }
            _ = isReady.wait(seconds: 15) { $0 }
        }

        func leave() {
            isDone.withLock { $0 = true }
            _ = thread.join()
        }

        deinit { isDone.withLock { $0 = true } }
    }

    private static func settings(_ port: Int, version: ProtocolVersion = .automatic, retry: Duration?) -> RelaySettings
    {
        var settings = RelaySettings.test(input: port, version: version)
        settings.presence = Presence(
            questionTopic: "question", answerTopic: "answer", retry: retry, question: { Array($0.utf8) },
            answer: { payload, word in
                let text = String(decoding: payload, as: UTF8.self)
                return text == "other \(word)" ? "the other one" : nil
            })
        settings.presence?.timeout = .seconds(1)
        return settings
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `the process that starts second ends, and the first goes on`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let other = Other(port: broker.port)
        let relay = RunningRelay(Self.settings(broker.port, version: version, retry: nil))
        let error = try #require(relay.failure())
        #expect(error == .alreadyRunning(name: "the other one"))
        #expect("\(error)" == "the other one is running already")
        // It has not even connected with the ids that the first one uses.
        #expect(!broker.log.contains { $0.contains("obis-bridge-in") || $0.contains("obis-bridge-out") })
        other.leave()
    }

    @Test func `under a service manager it waits, not ready, and takes over when the first one is gone`() throws {
        let broker = try MosquittoBroker()
        let other = Other(port: broker.port)
        let relay = RunningRelay(Self.settings(broker.port, retry: .milliseconds(300)))
        #expect(relay.waits { $0 == .heldBack(by: "the other one", retry: .milliseconds(300)) })
        #expect(relay.record.wait { $0.status.outputProblem == "the other one speaks for this bridge" })
        other.leave()
        #expect(relay.isSubscribed())
        #expect(relay.stop())
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a retained word of a process that is gone stops nobody`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        try mosquittoPub(port: broker.port, topic: "status", payload: "online", retain: true)
        let relay = RunningRelay(Self.settings(broker.port, version: version, retry: nil))
        #expect(relay.isSubscribed())
        #expect(relay.stop())
    }

    @Test func `an absent broker is waited for before the question`() throws {
        let port = try freePort()
        let relay = RunningRelay(Self.settings(port, retry: nil))
        #expect(relay.waits { if case .disconnected(.output, .unreachable) = $0 { true } else { false } })
        let broker = try MosquittoBroker(.init(), port: port)
        #expect(relay.isSubscribed())
        #expect(relay.stop())
        withExtendedLifetime(broker) {}
    }

    /// A proxy, a limit of the broker, an access list: what looks like another client and is none.
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a broker that closes again and again is no other bridge`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let proxy = try NetworkProxy(to: broker.port)
        var settings = Self.settings(broker.port, version: version, retry: nil)
        settings.input.port = proxy.port
        settings.reconnectDelay = .milliseconds(20) ... .milliseconds(50)
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed())
        for round in 2...8 {
            usleep(150_000)
            proxy.halfClose()
            #expect(relay.isConnected(.input, times: round), "round \(round)")
        }
        #expect(relay.waits { if case .closedAgainAndAgain(.input, "obis-bridge-in", _) = $0 { true } else { false } })
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "1")
        #expect(relay.record.wait { $0.handled == ["1"] })
        #expect(relay.stop())
    }
}
