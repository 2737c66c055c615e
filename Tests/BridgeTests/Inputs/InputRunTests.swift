// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `run` with readers that speak HTTP and UDP: real sockets, a real mosquitto.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct InputRunTests {
    private func readings(_ lines: [String]) -> [Received] {
        lines.map { Received($0) }.filter { $0.topic.hasSuffix("/reading") }
    }

    private let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"

    @Test func `a telegram is fetched, read and published, again and again`() throws {
        let broker = try MosquittoBroker()
        let telegram = telegram
        let server = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(telegram)) }
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(broker.port)
            sources:
              dongle: {adapter: p1, http: {url: "http://127.0.0.1:\(server.port)/api/v1/telegram", every: 500ms, timeout: 60s}, meter: home}
            """, waitsForSubscription: false)
        #expect(output.wait(seconds: 30) { readings($0).count >= 3 }, "\(bridge.log)")
        let reading = try #require(readings(output.messages).first)
        #expect(reading.topic == "harmonized/v1/meter/home/reading")
        #expect(reading.registers["1-0:1.7.0"] == "412 W")
        let source = reading.object["source"] as? [String: String]
        #expect(source == ["name": "dongle", "adapter": "p1", "topic": "http/dongle"])
        #expect(bridge.stop() == 0)
        #expect(output.wait { $0.contains("harmonized/v1/bridge/test/status offline") })
    }

    @Test func `the two readers of the seed documents that know no MQTT are read`() throws {
        let broker = try MosquittoBroker()
        let netduino = try FakeHTTPServer { _, send in
            send(FakeHTTPServer.ok(#"{"usageHighkWh":"000002.384","usageLowkWh":"Error","currentUsagekW":"00000.11"}"#))
        }
        let port = try freePort()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            sources:
              netduino: {adapter: netduino, meter: netduino, http: {url: "http://127.0.0.1:\(netduino.port)/", timeout: 60s}}
              on4abr: {adapter: on4abr, meter: on4abr, udp: {group: 224.0.1.3, port: \(port), interface: 127.0.0.1}}
            """, waitsForSubscription: false)
        #expect(bridge.wait(forLog: "listening to udp 224.0.1.3:\(port)"), "\(bridge.log)")
        // As the interface's document prints it, which is not JSON.
        try sendDatagram(Array("{\"dsmr\":{83125000,27689000,0,0,1,11,2]}".utf8), to: "224.0.1.3", port: port)
        let expected = [
            "netduino": ["1-0:1.8.1": "2.384 kWh", "1-0:1.7.0": "110 W"], "on4abr": ["1-0:1.8.1": "83125 kWh"],
        ]
        for (meter, registers) in expected {
            let arrived = output.wait(seconds: 30) { lines in
                readings(lines).contains { reading in
                    reading.object["meter"] as? String == meter
                        && registers.allSatisfy { reading.registers[$0.key] == $0.value }
                }
            }
            #expect(arrived, "\(meter): \(output.messages)\n\(bridge.log)")
        }
        // The word Error is no value.
        #expect(!output.messages.contains { $0.contains("/obis/1-0:1.8.2") && $0.contains("netduino") })
        #expect(bridge.stop() == 0)
    }

    @Test func `an absent reader is named once and its return too`() throws {
        let broker = try MosquittoBroker()
        let isUp = Monitor(false)
        let telegram = telegram
        let server = try FakeHTTPServer { _, send in
            send(isUp.value ? FakeHTTPServer.ok(telegram) : "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
        }
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            bridge: reader
            broker: mqtt://localhost:\(broker.port)
            sources:
              dongle: {adapter: p1, http: {url: "http://u:secret@127.0.0.1:\(server.port)/x?key=secret", every: 500ms, timeout: 60s}}
            """, waitsForSubscription: false)
        #expect(server.requests.wait { $0.count >= 4 })
        isUp.withLock { $0 = true }
        #expect(output.wait(seconds: 30) { !readings($0).isEmpty }, "\(bridge.log)")
        #expect(bridge.wait(forLog: "answers again after"))
        #expect(bridge.stop() == 0)
        let lines = bridge.log.split(separator: "\n").filter { $0.contains("warning") }
        #expect(lines.count == 1)
        #expect(
            lines.first?.hasSuffix(
                "source \"dongle\": http://127.0.0.1:\(server.port)/x: the answer is 404: there is nothing at this path; "
                    + "trying again") == true, "\(lines)")
        #expect(!bridge.log.contains("secret"))
    }

    @Test func `datagrams of a multicast group and of a plain port are read`() throws {
        let broker = try MosquittoBroker()
        let (group, plain) = (try freePort(), try freePort())
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            sources:
              group: {adapter: p1, udp: {group: 224.0.1.3, port: \(group), interface: 127.0.0.1}, meter: grouped}
              plain: {adapter: p1, udp: {port: \(plain), interface: 127.0.0.1, from: 127.0.0.1}, meter: plain}
              other: {adapter: p1, udp: {port: \(try freePort()), from: 192.0.2.1}, meter: other}
            """, waitsForSubscription: false)
        for place in ["224.0.1.3:\(group)", "port \(plain)"] {
            #expect(bridge.wait(forLog: "listening to udp \(place)"), "\(bridge.log)")
        }
        let bytes = Array(telegram.utf8)
        try sendDatagram(bytes, to: "224.0.1.3", port: group)
        // In two datagrams, cut in the middle of a line.
        try sendDatagram(Array(bytes[..<333]), port: plain)
        try sendDatagram(Array(bytes[333...]), port: plain)
        #expect(output.wait(seconds: 30) { readings($0).count >= 2 }, "\(bridge.log)")
        let registers = Dictionary(
            readings(output.messages).map { ($0.object["meter"] as? String ?? "", $0.registers["1-0:1.8.1"] ?? "") }
        ) { first, _ in first }
        #expect(registers == ["grouped": "1234.567 kWh", "plain": "1234.567 kWh"])
        #expect(bridge.stop() == 0)
    }

    @Test func `what comes while the broker is away waits, the oldest giving way`() throws {
        let broker = try MosquittoBroker()
        let plain = try freePort()
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            sources: {plain: {adapter: p1, udp: {port: \(plain), interface: 127.0.0.1}, meter: plain}}
            """, waitsForSubscription: false)
        #expect(bridge.wait(forLog: "output connected"))
        #expect(bridge.wait(forLog: "listening"))
        broker.stop()
        #expect(bridge.wait(forLog: "output: "))
        for number in 1000..<1400 {
            try sendDatagram(Array("/KFM5 x\r\n\r\n1-0:1.8.1(\(number)*kWh)\r\n!\r\n".utf8), port: plain)
        }
        try broker.start()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/plain/reading"])
        // The kernel's own buffer may have been too small for so many at once; the newest message is sent until it arrives.
        var attempts = 0
        repeat {
            try sendDatagram(Array("/KFM5 x\r\n\r\n1-0:1.8.1(2000*kWh)\r\n!\r\n".utf8), port: plain)
            attempts += 1
        } while attempts < 200 && !output.wait(seconds: 0.3) { $0.contains { $0.contains("2000") } }
        #expect(output.messages.contains { $0.contains("2000") }, "\(bridge.log)")
        #expect(bridge.wait(forLog: "messages were dropped while the outputs were away or too slow"), "\(bridge.log)")
        let health = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/bridge/+/health"])
        #expect(
            health.wait(seconds: 60) { lines in
                lines.contains { (Received($0).object["dropped"] as? Int ?? 0) > 0 }
            }, "\(health.messages)")
        #expect(bridge.stop() == 0)
    }

    @Test func `a reload begins what is new, ends what is gone, and leaves the rest alone`() throws {
        let broker = try MosquittoBroker()
        let telegram = telegram
        let server = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(telegram)) }
        let other = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(telegram)) }
        let (port, stays) = (try freePort(), try freePort())
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        let head = "bridge: test\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\nsources:\n"
        let kept = "  stays: {adapter: p1, meter: stays, udp: {port: \(stays), interface: 127.0.0.1}}\n"
        func dongle(_ server: FakeHTTPServer) -> String {
            "  dongle: {adapter: p1, meter: dongle, http: {url: \"http://127.0.0.1:\(server.port)/\", every: 500ms, timeout: 60s}}\n"
        }
        func cellar(_ name: String) -> String {
            "  \(name): {adapter: p1, meter: \(name), udp: {port: \(port), interface: 127.0.0.1}}\n"
        }
        func meters(_ lines: [String]) -> [String] { readings(lines).compactMap { $0.object["meter"] as? String } }

        let bridge = try RunningBridge(head + kept + dongle(server), waitsForSubscription: false)
        #expect(output.wait(seconds: 30) { meters($0).contains("dongle") }, "\(bridge.log)")
        #expect(bridge.wait(forLog: "source \"stays\": listening"))

        // Another URL and a new port.
        try bridge.configure(head + kept + dongle(other) + cellar("cellar"))
        bridge.process.kill(SIGHUP)
        #expect(bridge.wait(forLog: "http://127.0.0.1:\(other.port)/ is read from now on"), "\(bridge.log)")
        #expect(bridge.wait(forLog: "http://127.0.0.1:\(server.port)/ is not read any more"), "\(bridge.log)")
        #expect(bridge.wait(forLog: "source \"cellar\": listening"), "\(bridge.log)")
        #expect(other.requests.wait { !$0.isEmpty })
        try sendDatagram(Array(telegram.utf8), to: "127.0.0.1", port: port)
        #expect(output.wait(seconds: 30) { meters($0).contains("cellar") }, "\(bridge.log)")

        // The same port for a source of another name; no URL any more.
        try bridge.configure(head + kept + cellar("attic"))
        bridge.process.kill(SIGHUP)
        #expect(bridge.wait(forLog: "source \"attic\": listening"), "\(bridge.log)")
        let asked = other.requests.value.count
        try sendDatagram(Array(telegram.utf8), to: "127.0.0.1", port: port)
        #expect(output.wait(seconds: 30) { meters($0).contains("attic") }, "\(bridge.log)")
        try sendDatagram(Array(telegram.utf8), to: "127.0.0.1", port: stays)
        #expect(output.wait(seconds: 30) { meters($0).contains("stays") }, "\(bridge.log)")
        #expect(other.requests.value.count == asked)
        #expect(!bridge.log.contains("cannot listen"))
        // What stayed was begun once.
        #expect(bridge.log.components(separatedBy: "source \"stays\": listening").count == 2)
        #expect(bridge.stop() == 0)
    }

    @Test func `a port that is taken is said and waited for`() throws {
        let broker = try MosquittoBroker()
        let plain = try freePort()
        let configuration = """
            broker: mqtt://localhost:\(broker.port)
            sources: {plain: {adapter: p1, udp: {port: \(plain), interface: 127.0.0.1}}}
            """
        let first = try RunningBridge(
            "bridge: a\n"
                + configuration.replacing(
                    "mqtt://localhost:\(broker.port)", with: "{url: \"mqtt://localhost:\(broker.port)\", client_id: a}"),
            waitsForSubscription: false)
        #expect(first.wait(forLog: "listening"))
        let second = try RunningBridge(configuration, waitsForSubscription: false)
        #expect(second.wait(forLog: "cannot listen on port \(plain): Address already in use; trying again"))
        #expect(first.stop() == 0)
        #expect(second.wait(forLog: "listening"), "\(second.log)")
        #expect(second.stop() == 0)
    }
}
