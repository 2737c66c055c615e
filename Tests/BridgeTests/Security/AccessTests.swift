// SPDX-License-Identifier: Apache-2.0
import Foundation
import MQTT
import TestSupport
import Testing

@testable import bridge

/// The example's access list, enforced by a mosquitto: everything that is needed works, everything else does not.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct AccessTests {
    static let users = ["obis-bridge", "gplug10", "collector", "p1-reader", "home-assistant", "evcc", "admin"]

    static func broker() throws -> MosquittoBroker {
        let list = DocumentationTests.root.appendingPathComponent("Examples/mosquitto/obis-bridge.acl").path
        return try MosquittoBroker(
            .init(
                users: Dictionary(uniqueKeysWithValues: users.map { ($0, "secret-\($0)") }),
                lines: ["acl_file \(list)", "sys_interval 1"]))
    }

    static func login(_ user: String) -> [String] { ["-u", user, "-P", "secret-\(user)"] }

    private func client(_ user: String, _ broker: MosquittoBroker, version: MQTT.ProtocolVersion = .v5) throws
        -> OneShotClient
    {
        let client = OneShotClient(
            broker: BrokerSettings(
                host: "localhost", port: broker.port, username: user, password: "secret-\(user)",
                protocolVersion: version))
        try client.connect()
        return client
    }

    private func configuration(_ broker: MosquittoBroker, version: String) -> String {
        """
        bridge: home
        broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version), username: obis-bridge, password: secret-obis-bridge}
        zone: Europe/Zurich
        sources:
          gplug: {adapter: gplug, labels: gplug-d}
          collector: {adapter: smartmeter-datacollector}
          p1: {adapter: p1, subscribe: dsmr/raw, meter: house}
        """
    }

    @Test(arguments: ["5", "3.1.1"]) func `the whole road works, before and after a restart`(version: String) throws {
        let broker = try Self.broker()
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/#"], arguments: Self.login("home-assistant"))
        for round in 1...2 {
            let bridge = try RunningBridge(configuration(broker, version: version))
            let before = output.messages.count { $0.contains("/reading ") }
            let now = Int(Date().timeIntervalSince1970)
            try mosquittoPub(
                port: broker.port, topic: "tele/gPlug10/SENSOR",
                payload: #"{"Time":"2026-11-21T00:27:09","z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000}}"#,
                arguments: Self.login("gplug10"))
            try mosquittoPub(
                port: broker.port, topic: "smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P",
                payload: "{\"value\": 888343.0, \"timestamp\": \(now)}", arguments: Self.login("collector"))
            try mosquittoPub(
                port: broker.port, topic: "dsmr/raw", payload: P1Sample.lines.joined(separator: "\r\n") + "\r\n",
                arguments: Self.login("p1-reader"))
            try mosquittoPub(
                port: broker.port, topic: "tele/gPlug10/SENSOR", payload: "{\"z\":", arguments: Self.login("gplug10"))
            #expect(
                output.wait(seconds: 60) { $0.count { $0.contains("/reading ") } >= before + 3 },
                "round \(round): \(output.messages)\n\(bridge.log)")
            #expect(output.wait { $0.contains { $0.contains("/bridge/home/reject ") } }, "\(bridge.log)")
            #expect(bridge.stop() == 0)
            #expect(!bridge.log.contains("refused"), "\(bridge.log)")
            #expect(!bridge.log.contains("baseline"), "\(bridge.log)")
        }
        let meters = Set(
            output.messages.map { Received($0).topic }.filter { $0.hasSuffix("/info") && $0.contains("/meter/") })
        #expect(meters.count == 3, "\(meters)")
        #expect(output.messages.contains("harmonized/v1/bridge/home/status offline"))
    }

    /// What each user must not write.
    static let forbidden: [(user: String, topic: String)] = [
        ("obis-bridge", "tele/gPlug10/SENSOR"), ("obis-bridge", "smartmeter/1/ACTIVE_POWER_P"),
        ("obis-bridge", "dsmr/raw"), ("obis-bridge", "cmnd/gPlug10/Status"), ("obis-bridge", "cmnd/gPlug10/Restart"),
        ("obis-bridge", "harmonized/v1/bridge/other/status"), ("obis-bridge", "homeassistantx/a"),
        ("gplug10", "tele/gPlug11/SENSOR"), ("gplug10", "harmonized/v1/meter/a/state"),
        ("gplug10", "harmonized/v1/bridge/home/status"), ("collector", "tele/gPlug10/SENSOR"),
        ("p1-reader", "dsmr/other"), ("home-assistant", "harmonized/v1/meter/a/state"),
        ("evcc", "harmonized/v1/meter/a/state"), ("admin", "cmnd/gPlug10/Restart"), ("admin", "tele/gPlug10/SENSOR"),
    ]

    @Test func `everything else is refused on MQTT 5`() throws {
        let broker = try Self.broker()
        for (user, topic) in Self.forbidden {
            let client = try client(user, broker)
            let message = MQTTMessage(topic: topic, text: "x", qos: .atLeastOnce, isRetained: false)
            #expect(throws: MQTTError.publicationRefused(topic: topic, reason: "not authorized"), "\(user) \(topic)") {
                try client.publish(message)
            }
            client.close()
        }
    }

    @Test func `and does nothing on MQTT 3_1_1, without a word`() throws {
        let broker = try Self.broker()
        let all = try MosquittoSub(port: broker.port, topics: ["#"], arguments: Self.login("admin"))
        for (user, topic) in Self.forbidden {
            let client = try client(user, broker, version: .v311)
            try client.publish(MQTTMessage(topic: topic, text: "x", qos: .atLeastOnce, isRetained: false))
            client.close()
        }
        try mosquittoPub(port: broker.port, topic: "smartmeter/end", payload: "end", arguments: Self.login("collector"))
        #expect(all.wait { $0.contains("smartmeter/end end") })
        #expect(all.messages == ["smartmeter/end end"])
    }

    @Test func `nobody reads what is not theirs`() throws {
        let broker = try Self.broker()
        let readers = try ["obis-bridge", "gplug10", "evcc"].map {
            (user: $0, client: try MosquittoSub(port: broker.port, topics: ["#", "$SYS/#"], arguments: Self.login($0)))
        }
        for topic in ["cmnd/gPlug10/Status", "harmonized/v1/meter/a/reading", "harmonized/v1/bridge/home/reject"] {
            try mosquittoPub(port: broker.port, topic: topic, payload: "x", arguments: Self.login("admin"))
        }
        try mosquittoPub(
            port: broker.port, topic: "homeassistant/status", payload: "online", arguments: Self.login("home-assistant")
        )
        try mosquittoPub(
            port: broker.port, topic: "harmonized/v1/meter/a/info", payload: "end", arguments: Self.login("admin"))
        #expect(readers[0].client.wait { $0.contains("harmonized/v1/meter/a/info end") })
        #expect(readers[2].client.wait { $0.contains("harmonized/v1/meter/a/info end") })
        func topics(_ index: Int) -> Set<String> { Set(readers[index].client.messages.map { Received($0).topic }) }
        #expect(
            topics(0).isSubset(of: [
                "homeassistant/status", "harmonized/v1/meter/a/info", "harmonized/v1/bridge/home/reject",
                "$SYS/broker/publish/messages/dropped",
            ]), "\(topics(0))")
        #expect(topics(1).isSubset(of: ["cmnd/gPlug10/Status"]), "\(topics(1))")
        #expect(topics(2) == ["harmonized/v1/meter/a/reading", "harmonized/v1/meter/a/info"])
    }
}
