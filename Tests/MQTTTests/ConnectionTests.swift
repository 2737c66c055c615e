// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct ConnectionTests {
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a wrong password ends the relay with one sentence`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker(.init(users: ["obis-bridge": "right"]))
        var settings = RelaySettings.test(input: broker.port, version: version)
        settings.output.username = "obis-bridge"
        settings.output.password = "wrong"
        let relay = RunningRelay(settings)
        let error = try #require(relay.failure())
        #expect(error == .notAuthorised(username: "obis-bridge"))
        #expect("\(error)" == "not authorised as \"obis-bridge\"")
    }

    @Test func `a password removed later is waited for`() throws {
        let broker = try MosquittoBroker(.init(users: ["obis-bridge": "right", "root": "root"]))
        var settings = RelaySettings.test(input: broker.port)
        settings.input.username = "obis-bridge"
        settings.input.password = "right"
        settings.output = settings.input
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed())
        try broker.directory.write("passwords", "")
        try broker.restart()
        let refusal = RelayEvent.refused(side: .output, reason: .notAuthorised(username: "obis-bridge"))
        #expect(relay.waits { $0 == refusal })
        #expect("\(refusal)" == "output: not authorised as \"obis-bridge\"; trying again")
        #expect(relay.stop())
    }

    @Test func `an absent broker is waited for`() throws {
        let port = try freePort()
        let relay = RunningRelay(.test(input: port))
        #expect(relay.waits { if case .disconnected(.output, .unreachable) = $0 { true } else { false } })
        let event = relay.events.first.map { "\($0)" }
        #expect(event == "output: cannot reach localhost:\(port): Connection refused; trying again")
        let broker = try MosquittoBroker(.init(), port: port)
        #expect(relay.isSubscribed())
        #expect(relay.stop())
        withExtendedLifetime(broker) {}
    }

    @Test func `an unknown host name is waited for`() throws {
        var settings = RelaySettings.test(input: 1883)
        settings.output.host = "no-such-host.invalid"
        let relay = RunningRelay(settings)
        #expect(relay.waits { "\($0)".hasPrefix("output: cannot reach no-such-host.invalid:1883: ") })
        #expect(relay.stop())
    }

    @Test(arguments: [FakeBroker.VersionPolicy.refusesV5, .closesOnV5])
    func `a broker without MQTT 5 is used with 3 1 1`(policy: FakeBroker.VersionPolicy) throws {
        let broker = try FakeBroker(policy: policy)
        let relay = RunningRelay(.test(input: broker.port))
        #expect(relay.isSubscribed())
        let event = RelayEvent.fellBackTo311(side: .input, address: "localhost:\(broker.port)")
        #expect(relay.events.contains(event))
        #expect("\(event)" == "input: localhost:\(broker.port) refuses MQTT 5, using 3.1.1")
        #expect(relay.stop())
    }

    @Test func `a demanded version that is refused ends the relay`() throws {
        let broker = try FakeBroker(policy: .refusesV5)
        let relay = RunningRelay(.test(input: broker.port, version: .v5))
        let error = try #require(relay.failure())
        #expect("\(error)" == "localhost:\(broker.port) does not speak MQTT 5")
    }

    @Test func `a session that the broker says another client took ends the relay`() throws {
        let broker = try FakeBroker()
        let relay = RunningRelay(.test(input: broker.port))
        #expect(relay.isSubscribed())
        broker.disconnect("obis-bridge-in", reason: 0x8E)
        let error = try #require(relay.failure(seconds: 30))
        #expect("\(error)" == "another client took the session \"obis-bridge-in\": is obis-bridge running twice?")
    }

    @Test(arguments: [0x81, 0x8B, 0x93, 0x97, 0x98, 0x9D] as [UInt8])
    func `any other reason of the broker is told, and the connection made again`(reason: UInt8) throws {
        let broker = try FakeBroker()
        let relay = RunningRelay(.test(input: broker.port))
        #expect(relay.isSubscribed())
        for round in 2...5 {
            broker.disconnect("obis-bridge-in", reason: reason)
            #expect(relay.isConnected(.input, times: round))
        }
        #expect(
            relay.events.contains { event in
                if case .disconnected(.input, .connectionLost(_, let text)) = event {
                    text != "closed by the broker"
                } else {
                    false
                }
            })
        #expect(relay.stop())
    }

    @Test func `a session that is taken without the broker's word is asked about, and taken back`() throws {
        let broker = try MosquittoBroker()
        let relay = RunningRelay(.test(input: broker.port, version: .v311))
        #expect(relay.isSubscribed())
        for round in 1...3 {
            // mosquitto_sub takes the session back by itself only when it lost it; each round needs a new thief.
            let thief = try MosquittoSub(
                port: broker.port, topics: ["x"], arguments: ["-i", "obis-bridge-in", "-c", "-V", "mqttv311"])
            #expect(relay.isConnected(.input, times: round + 1))
            withExtendedLifetime(thief) {}
        }
        let event = RelayEvent.closedAgainAndAgain(side: .input, clientID: "obis-bridge-in", service: .seconds(1))
        #expect("\(event)".contains("another client with the id \"obis-bridge-in\""))
        #expect(relay.waits { if case .closedAgainAndAgain(.input, "obis-bridge-in", _) = $0 { true } else { false } })
        #expect(relay.stop())
    }

    /// A proxy or a network that closes every connection after a moment looks like that to the one that is closed.
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a network that closes connections again and again is no other client`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let proxy = try NetworkProxy(to: broker.port)
        let relay = RunningRelay(.test(input: proxy.port, output: broker.port, version: version))
        #expect(relay.isSubscribed())
        for round in 2...12 {
            // What is closed within a tenth of a second is tried slower and slower, for minutes in the end.
            usleep(150_000)
            proxy.halfClose()
            #expect(relay.isConnected(.input, times: round), "round \(round)")
        }
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "1")
        #expect(relay.record.wait { $0.handled == ["1"] })
        #expect(relay.stop())
    }

    @Test func `a refused subscription is an event`() throws {
        let broker = try FakeBroker()
        var settings = RelaySettings.test(input: broker.port)
        settings.subscriptions = [TopicFilter("in/#"), TopicFilter("secret")]
        broker.refuseSubscriptions(to: "secret")
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed())
        let event = RelayEvent.subscriptionRefused(filter: TopicFilter("secret"), reason: "not authorized")
        #expect(relay.waits { $0 == event })
        #expect("\(event)" == "subscription to secret refused: not authorized")
        #expect(relay.stop())
    }

    @Test func `a refused publication is given up and reported`() throws {
        let broker = try MosquittoBroker()
        let directory = try TemporaryDirectory()
        let rules = try directory.write("acl", "topic readwrite in/#\ntopic read out/#\n")
        let guarded = try MosquittoBroker(.init(lines: ["acl_file \(rules)"]))
        let relay = RunningRelay(.test(input: broker.port, output: guarded.port))
        #expect(relay.isSubscribed())
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "1")
        let event = RelayEvent.publicationRefused(topic: "out/a", reason: "not authorized", suppressed: 0)
        #expect(relay.waits { $0 == event })
        try mosquittoPub(port: broker.port, topic: "in/a", payload: "2")
        #expect(relay.record.wait { $0.handled == ["1", "2"] })
        #expect(relay.stop())
    }
}
