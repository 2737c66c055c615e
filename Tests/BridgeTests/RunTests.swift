// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import bridge

/// The whole road with real processes: mosquitto, mosquitto_pub, obis-bridge run, mosquitto_sub.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct RunTests {
    static let versions = ["5", "3.1.1"]

    private func local(_ offset: TimeInterval = 0) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "Europe/Zurich")
        formatter.dateFormat = "yyyy-MM-dd'T'HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSinceNow: offset))
    }

    private var epoch: Int { Int(Date().timeIntervalSince1970) }

    private func readings(_ lines: [String]) -> [Received] {
        lines.map { Received($0) }.filter { $0.topic.hasSuffix("/reading") }
    }

    @Test(arguments: versions) func `the four meters of the plug-test speak one language`(version: String) throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version)}
            zone: Europe/Zurich
            sources:
              ekz: {adapter: smartmeter-datacollector, subscribe: smartmeter/LGZ1030655900017/#}
              aew: {adapter: smartmeter-datacollector, subscribe: smartmeter/12345/#, meter: aew-1}
              ewb: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/gPlug10/SENSOR, meter: ewb-1}
              romande: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug11/SENSOR, meter: romande-1}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let now = epoch
        for (topic, payload) in [
            ("smartmeter/LGZ1030655900017/ACTIVE_ENERGY_P", "{\"value\": 888343.0, \"timestamp\": \(now)}"),
            ("smartmeter/12345/ACTIVE_POWER_P", "{\"value\": 42.0, \"timestamp\": \(now)}"),
            ("tele/gPlug10/SENSOR", "{\"Time\":\"\(local())\",\"z\":{\"Pi\":12,\"B1\":3.323}}"),
            ("tele/gPlug11/SENSOR", "{\"Time\":\"\(local())\",\"z\":{\"Pi\":0.058,\"Ei\":58.201}}"),
        ] {
            try mosquittoPub(port: broker.port, topic: topic, payload: payload)
        }
        #expect(output.wait { readings($0).count >= 4 }, "\(output.messages)\n\(bridge.log)")
        let byMeter = Dictionary(
            readings(output.messages).map { ($0.object["meter"] as? String ?? "", $0) }
        ) { first, _ in first }
        #expect(byMeter["lgz1030655900017"]?.registers["1-0:1.8.0"] == "888.343 kWh")
        #expect(byMeter["aew-1"]?.registers["1-0:1.7.0"] == "42 W")
        #expect(byMeter["aew-1"]?.rules == ["id.placeholder"])
        #expect(byMeter["ewb-1"]?.registers["1-0:1.7.0"] == "12 W")
        #expect(byMeter["ewb-1"]?.registers["1-0:1.8.1"] == "3.323 kWh")
        #expect(byMeter["romande-1"]?.registers["1-0:1.7.0"] == "58 W")
        #expect(byMeter["romande-1"]?.registers["1-0:1.8.0"] == "58.201 kWh")
        #expect(bridge.stop() == 0)
        let status = output.messages.filter { $0.hasPrefix("harmonized/v1/bridge/test/status") }
        #expect(output.wait { $0.contains("harmonized/v1/bridge/test/status offline") }, "\(status)")
    }

    @Test(arguments: versions) func `ten meters interleaved stay ten meters`(version: String) throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version)}
            zone: UTC
            sources: {collector: {adapter: smartmeter-datacollector}}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        let now = epoch
        let types = ["ACTIVE_POWER_P", "ACTIVE_POWER_N", "ACTIVE_ENERGY_P", "ACTIVE_ENERGY_N", "VOLTAGE_L1"]
        for (position, type) in types.enumerated() {
            for meter in 0..<10 {
                let payload = "{\"value\": \(meter * 100 + position).0, \"timestamp\": \(now)}"
                try mosquittoPub(port: broker.port, topic: "smartmeter/LGZ10\(meter)/\(type)", payload: payload)
            }
        }
        #expect(
            output.wait(seconds: 30) {
                readings($0).flatMap { $0.registers.keys }.count { !$0.contains("16.7.0") } >= 50
            }, "\(bridge.log)")
        for meter in 0..<10 {
            let own = readings(output.messages).filter { $0.topic == "harmonized/v1/meter/lgz10\(meter)/reading" }
            let registers = own.reduce(into: [String: String]()) { $0.merge($1.registers) { $1 } }
            #expect(registers["1-0:1.7.0"] == "\(meter * 100) W")
            #expect(registers["1-0:32.7.0"] == "\(meter * 100 + 4) V")
        }
    }

    @Test(arguments: versions) func `a telegram in 36 single-line messages is one reading`(version: String) throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version)}
            zone: Europe/Amsterdam
            sources: {meter: {adapter: p1, subscribe: raw/lines, meter: haus}}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        let telegram = P1Sample.lines
        #expect(telegram.count == 36)
        for line in telegram { try mosquittoPub(port: broker.port, topic: "raw/lines", payload: line) }
        #expect(output.wait { !readings($0).isEmpty }, "\(bridge.log)")
        let reading = try #require(readings(output.messages).first)
        #expect(reading.registers["1-0:1.8.1"] == "1234.567 kWh")
        #expect(reading.registers["1-0:2.7.0"] == "0 W")
        #expect(reading.registers["0-1:24.2.1"] == "453.722 m³")
    }

    @Test func `a gPlug is one meter before and after a restart`() throws {
        let broker = try MosquittoBroker()
        let configuration = """
            broker: mqtt://localhost:\(broker.port)
            zone: Europe/Zurich
            sources: {gplug: {adapter: gplug, labels: gplug-d}}
            """
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        func immediate(_ power: String) throws {
            let payload = "{\"Time\":\"\(local())\",\"z\":{\"Pi\":\(power)}}"
            try mosquittoPub(port: broker.port, topic: "tele/gPlugD_5A0001/SENSOR", payload: payload)
        }
        let first = try RunningBridge(configuration)
        try immediate("0.101")
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlugD_5A0001/SENSOR",
            payload: "{\"Time\":\"\(local())\",\"z\":{\"SMid\":\"3130303030303231\",\"Pi\":0.102,\"Ei\":12.5}}")
        try immediate("0.103")
        #expect(output.wait { readings($0).count >= 3 }, "\(first.log)")
        #expect(first.stop() == 0)
        let second = try RunningBridge(configuration)
        try immediate("0.104")
        #expect(output.wait { readings($0).count >= 4 }, "\(second.log)")
        let found = readings(output.messages)
        #expect(found.map(\.topic) == Array(repeating: "harmonized/v1/meter/10000021/reading", count: 4))
        #expect(found.map { $0.registers["1-0:1.7.0"] } == ["101 W", "102 W", "103 W", "104 W"])
        #expect(found.allSatisfy { $0.rules.isEmpty }, "\(found.map(\.rules))")
        let state = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/10000021/state"])
        #expect(state.wait { !$0.isEmpty })
        #expect(Received(state.messages[0]).registers["1-0:1.8.0"] == "12.5 kWh", "a restart forgot the counter")
    }

    @Test func `a message that two sources' filters match is one reading`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: Europe/Zurich
            sources:
              all: {adapter: gplug, labels: gplug-d}
              ewb: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/gPlug10/SENSOR, meter: ewb-1}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        for power in [12, 13] {
            try mosquittoPub(
                port: broker.port, topic: "tele/gPlug10/SENSOR",
                payload: "{\"Time\":\"\(local())\",\"z\":{\"Pi\":\(power)}}")
        }
        #expect(output.wait { readings($0).contains { $0.registers["1-0:1.7.0"] == "13 W" } }, "\(bridge.log)")
        #expect(readings(output.messages).map { $0.registers["1-0:1.7.0"] } == ["12 W", "13 W"])
    }

    @Test func `a message that two overlapping filters match is one reading`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources:
              all: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/+/SENSOR, meter: haus}
              ewb: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/gPlug10/#, meter: haus}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/haus/reading"])
        for power in [12, 12, 13] {
            try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: "{\"z\":{\"Pi\":\(power)}}")
        }
        #expect(output.wait { readings($0).contains { $0.registers["1-0:1.7.0"] == "13 W" } }, "\(bridge.log)")
        #expect(readings(output.messages).map { $0.registers["1-0:1.7.0"] } == ["12 W", "12 W", "13 W"])
    }

    @Test func `a broker bridged with a prefix works like the reader's own`() throws {
        let nuc = try MosquittoBroker()
        let pi = try MosquittoBroker(
            MosquittoBroker.Options(lines: [
                "connection nuc", "address 127.0.0.1:\(nuc.port)", "topic smartmeter/# out 1 \"\" rpi1/",
                "bridge_protocol_version mqttv311", "notifications false",
            ]))
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(nuc.port)
            zone: UTC
            sources: {ekz-450: {adapter: smartmeter-datacollector, subscribe: rpi1/smartmeter/#, meter: ekz-1}}
            """)
        let output = try MosquittoSub(port: nuc.port, topics: ["harmonized/v1/meter/+/reading"])
        try mosquittoPub(
            port: pi.port, topic: "smartmeter/LGZ1030655900017/ACTIVE_POWER_P",
            payload: "{\"value\": 28.0, \"timestamp\": \(epoch)}")
        #expect(output.wait { !readings($0).isEmpty }, "\(bridge.log)")
        let reading = try #require(readings(output.messages).first)
        #expect(reading.topic == "harmonized/v1/meter/ekz-1/reading")
        #expect(reading.registers["1-0:1.7.0"] == "28 W")
    }

    @Test func `what is not understood goes to reject and the next message is read`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-d, meter: haus}}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        try mosquittoPub(port: broker.port, topic: "tele/gPlugD_1/SENSOR", payload: "{\"z\":{ this is not json ")
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlugD_1/SENSOR", payload: "{\"Time\":\"\(local())\",\"z\":{\"Pi\":0.5}}")
        #expect(output.wait { !readings($0).isEmpty }, "\(bridge.log)")
        let reject = try #require(
            output.messages.map { Received($0) }.first { $0.topic == "harmonized/v1/bridge/test/reject" })
        #expect(reject.object["reason"] as? String == "json.invalid")
        #expect(reject.object["payload"] as? String == "{\"z\":{ this is not json ")
    }

    @Test func `a wrong password is one clear line and exit code 78`() throws {
        let broker = try MosquittoBroker(MosquittoBroker.Options(users: ["obis-bridge": "right"]))
        let folder = try TemporaryDirectory()
        try folder.write("password", "wrong\n")
        let bridge = try RunningBridge(
            """
            zone: UTC
            broker: {url: "mqtt://localhost:\(broker.port)", username: obis-bridge, password_file: \(folder.path)/password}
            sources: {gplug: {adapter: gplug}}
            """, waitsForSubscription: false)
        #expect(bridge.process.wait() == 78)
        #expect(bridge.log.contains("not authorised as \"obis-bridge\": check password_file ("), "\(bridge.log)")
        #expect(bridge.log.contains("bridge.yaml:2)"), "\(bridge.log)")
    }

    @Test func `no username is one clear line that says what to write`() throws {
        let broker = try MosquittoBroker(MosquittoBroker.Options(users: ["obis-bridge": "right"]))
        let bridge = try RunningBridge(
            "zone: UTC\nbroker: mqtt://localhost:\(broker.port)\nsources: {gplug: {adapter: gplug}}",
            waitsForSubscription: false)
        #expect(bridge.process.wait() == 78)
        let lines = bridge.process.output.value.lines.filter { $0.contains("not authorised") }
        #expect(lines.count == 1)
        #expect(lines.first?.contains("not authorised without a username: give broker (") == true, "\(lines)")
        #expect(
            lines.first?.hasSuffix("bridge.yaml:2) a \"username\" and a \"password_file\"") == true, "\(lines)")
    }

    @Test(arguments: versions) func `a second process of a bridge waits, and the first one goes on`(
        version: String
    ) throws {
        let broker = try MosquittoBroker()
        let configuration = """
            bridge: huis
            zone: UTC
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version)}
            sources: {gplug: {adapter: gplug, labels: gplug-d}}
            """
        let first = try RunningBridge(configuration)
        let second = try RunningBridge(configuration, waitsForSubscription: false)
        #expect(
            second.wait(
                forLog: "speaks for this bridge: waiting, and asking again in 5 min"), "\(second.log)")
        #expect(second.log.contains("another bridge \"huis\" on this broker (obis-bridge "))
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/obis/1-0:1.7.0"])
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug1/SENSOR",
            payload: "{\"z\":{\"SMid\":\"0123456789\",\"Pi\":0.4,\"Po\":0}}")
        #expect(output.wait { $0.contains { $0.hasSuffix(" 400") } }, "\(first.log)")
        #expect(!first.log.contains("lost"), "\(first.log)")
        #expect(second.stop() == 0)
        #expect(first.stop() == 0)
    }

    @Test func `at a terminal the second process of a bridge ends with one clear line`() throws {
        let broker = try MosquittoBroker()
        let directory = try TemporaryDirectory()
        let configuration = "bridge: huis\nbroker: mqtt://localhost:\(broker.port)\nsources: {gplug: {adapter: gplug}}"
        let path = try directory.write("bridge.yaml", configuration)
        let first = try RunningBridge(configuration)
        // script(1) runs it on a terminal of its own.
        let second = try ChildProcess(
            "script",
            ["--quiet", "--return", "--command", "\(RunningBridge.program) run --config \(path)", "/dev/null"])
        #expect(second.wait(seconds: 30) == 79, "\(second.output.value.lines)")
        let errors = second.output.value.lines.filter { $0.contains("error") }
        #expect(
            errors.count == 1 && errors[0].contains("is running already: stop it first, or give this one another name"))
        #expect(first.stop() == 0)
    }

    @Test func `what waited for version 0 1 is handled first, and its session ended`() throws {
        let broker = try MosquittoBroker(.init(lines: ["max_queued_messages 1000"]))
        func session(_ client: String, _ topic: String) throws {
            let old = try MosquittoSub(
                port: broker.port, topics: [topic], arguments: ["-i", client, "-c", "-V", "5", "-x", "3600"])
            withExtendedLifetime(old) {}
        }
        // What version 0.1 of this bridge left, and what one on another host still uses.
        try session("obis-bridge-in", "tele/g/SENSOR")
        try mosquittoPub(
            port: broker.port, topic: "harmonized/v1/bridge/huis/info",
            payload: "{\"schema\":\"harmonized/1.0\",\"version\":\"0.1.0\",\"subscriptions\":[\"tele/g/SENSOR\"]}",
            retain: true)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/haus/reading"])
        try mosquittoPub(
            port: broker.port, topic: "tele/g/SENSOR", lines: (1...500).map { "{\"z\":{\"Pi\":\($0)}}" })
        let configuration = """
            bridge: huis
            zone: UTC
            broker: mqtt://localhost:\(broker.port)
            sources: {g: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}}
            """
        let bridge = try RunningBridge(configuration)
        #expect(
            bridge.log.contains(
                "500 messages of the former session \"obis-bridge-in\" are handled, the session is ended"))
        try mosquittoPub(port: broker.port, topic: "tele/g/SENSOR", payload: "{\"z\":{\"Pi\":501}}")
        let all = (1...501).map { "\($0) W" }
        #expect(
            output.wait(seconds: 60) { $0.map { Received($0).registers["1-0:1.7.0"] ?? "" } == all },
            "\(output.messages.count)\n\(bridge.log)")
        #expect(bridge.stop() == 0)
        // The next start finds nothing of the kind to do.
        let next = try RunningBridge(configuration)
        #expect(!next.log.contains("former session"))
        #expect(next.stop() == 0)
    }

    @Test func `a new bridge on a second host leaves the session of a live old one alone`() throws {
        let broker = try MosquittoBroker()
        let old = try MosquittoSub(port: broker.port, topics: ["tele/#"], arguments: ["-i", "obis-bridge-in", "-c"])
        try mosquittoPub(
            port: broker.port, topic: "harmonized/v1/bridge/nuc/info",
            payload: "{\"version\":\"0.1.0\",\"subscriptions\":[\"tele/#\"]}", retain: true)
        let bridge = try RunningBridge(
            "bridge: huis\nbroker: mqtt://localhost:\(broker.port)\nsources: {gplug: {adapter: gplug}}")
        try mosquittoPub(port: broker.port, topic: "tele/x", payload: "1")
        #expect(old.wait { $0 == ["tele/x 1"] })
        #expect(bridge.stop() == 0)
        broker.stop()
        #expect(broker.log.count { $0.contains("as obis-bridge-in") } == 1)
    }

    @Test func `a TLS listener on a plain port is one clear line`() throws {
        let broker = try MosquittoBroker(MosquittoBroker.Options(hasTLS: true))
        let bridge = try RunningBridge(
            "zone: UTC\nbroker: mqtt://localhost:\(broker.port)\nsources: {gplug: {adapter: gplug}}",
            waitsForSubscription: false)
        #expect(
            bridge.wait(forLog: "localhost:\(broker.port) speaks TLS: write mqtts:// in the broker url"),
            "\(bridge.log)")
    }

    @Test func `an absent broker is waited for`() throws {
        let port = try freePort()
        let bridge = try RunningBridge(
            "zone: UTC\nbroker: mqtt://localhost:\(port)\nsources: {gplug: {adapter: gplug}}",
            waitsForSubscription: false)
        #expect(bridge.wait(forLog: "cannot reach localhost:\(port)"), "\(bridge.log)")
        let broker = try MosquittoBroker(port: port)
        #expect(bridge.wait(seconds: 40, forLog: "subscribed to"), "\(bridge.log)")
        #expect(bridge.stop() == 0)
        _ = broker
    }
}
