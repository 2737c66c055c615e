// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import bridge

/// The program with serial ports and TCP connections: real sockets, pseudo terminals, a real mosquitto.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct LineRunTests {
    private let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"

    /// A push list of a made-up Aidon, over HDLC.
    private static let frame: [UInt8] = {
        let digits =
            "7EA0AD4188831361A5E6E7000F40000000000107020209060101000281FF0A0B4149444F4E5F5630303031020209060000600100FF0A10373335393939"
            + "30303030303030303432020309060100010700FF06000004D202020F00161B020309060100020700FF060000000002020F00161B0203090601001F0700"
            + "FF10003602020FFF1621020309060100200700FF1208FD02020FFF1623020309060100010800FF060045B35202020F01161EDDB77E"
        var bytes: [UInt8] = []
        var rest = digits[...]
        while !rest.isEmpty {
            bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return bytes
    }()

    private func readings(_ lines: [String]) -> [Received] {
        lines.map { Received($0) }.filter { $0.topic.hasSuffix("/reading") }
    }

    private func count(_ lines: [String], of meter: String) -> Int {
        readings(lines).count { $0.object["meter"] as? String == meter }
    }

    @Test func `a P1 cable and frames on a serial port are read, and read again after they were unplugged`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let cable = try PseudoTerminal(at: "\(folder.path)/usb-p1")
        let head = try PseudoTerminal(at: "\(folder.path)/usb-head")
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: Europe/Oslo
            sources:
              cable: {adapter: p1, meter: cable, serial: {device: \(cable.path), baud: 115200}}
              head: {adapter: frames, serial: {device: \(head.path), baud: 2400, format: 8E1}}
            """, waitsForSubscription: false)
        #expect(bridge.wait(forLog: "listening to serial \(cable.path) (115200 Bd, 8N1)"), "\(bridge.log)")
        #expect(bridge.wait(forLog: "listening to serial \(head.path) (2400 Bd, 8E1)"), "\(bridge.log)")
        cable.write(telegram)
        for byte in Self.frame { head.write([byte]) }
        #expect(
            output.wait(seconds: 30) { count($0, of: "cable") == 1 && count($0, of: "7359990000000042") == 1 },
            "\(output.messages)\n\(bridge.log)")
        let reading = try #require(readings(output.messages).first { $0.object["meter"] as? String == "cable" })
        #expect(reading.registers["1-0:1.7.0"] == "412 W")
        #expect(
            reading.object["source"] as? [String: String] == [
                "name": "cable", "adapter": "p1", "topic": "serial/cable",
            ])

        cable.write(String(telegram.prefix(300)))
        usleep(200_000)
        cable.unplug()
        #expect(bridge.wait(forLog: "the port is gone: was it unplugged?; trying again"), "\(bridge.log)")
        try cable.plugIn()
        // The line for the log comes once for each time that it is there.
        #expect(
            bridge.process.wait(seconds: 30) { lines in
                lines.count { $0.contains("source \"cable\": listening to serial") } == 2
            }, "\(bridge.log)")
        cable.write(telegram)
        #expect(output.wait(seconds: 30) { count($0, of: "cable") == 2 }, "\(output.messages)\n\(bridge.log)")
        #expect(bridge.stop() == 0)
    }

    @Test func `a TCP server is read, and again after it went away`() throws {
        let broker = try MosquittoBroker()
        let server = try LineServer()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {cellar: {adapter: p1, meter: cellar, tcp: {host: 127.0.0.1, port: \(server.port)}}}
            """, waitsForSubscription: false)
        #expect(server.connections.wait(seconds: 30) { $0 == 1 }, "\(bridge.log)")
        #expect(bridge.wait(forLog: "source \"cellar\": connected to tcp 127.0.0.1:\(server.port)"), "\(bridge.log)")
        let bytes = Array(telegram.utf8)
        // Cut in a line and within a pause of the meter.
        server.send(Array(bytes[..<333]))
        usleep(300_000)
        server.send(Array(bytes[333...]))
        #expect(output.wait(seconds: 30) { count($0, of: "cellar") == 1 }, "\(bridge.log)")
        server.hangUp()
        #expect(bridge.wait(forLog: "the server closed the connection; trying again"), "\(bridge.log)")
        #expect(server.connections.wait(seconds: 30) { $0 == 2 }, "\(bridge.log)")
        server.send(bytes)
        #expect(output.wait(seconds: 30) { count($0, of: "cellar") == 2 }, "\(bridge.log)")
        #expect(bridge.stop() == 0)
    }

    @Test func `a server that closes at once is asked less and less often`() throws {
        let broker = try MosquittoBroker()
        let server = try ClosingServer()
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {cellar: {adapter: p1, tcp: "127.0.0.1:\(server.port)"}}
            """, waitsForSubscription: false)
        #expect(server.connections.wait(seconds: 60) { $0 >= 4 }, "\(bridge.log)")
        #expect(bridge.stop() == 0)
        let warnings = bridge.log.split(separator: "\n").filter { $0.contains("warning") }
        #expect(warnings.count == 1, "\(bridge.log)")
        #expect(
            warnings.first?.contains(
                "tcp 127.0.0.1:\(server.port): the server closes the connection at once: does another program have it?")
                == true)
    }

    @Test func `a flood costs other sources nothing`() throws {
        let broker = try MosquittoBroker()
        let (flooding, steady) = (try LineServer(), try LineServer())
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources:
              flood: {adapter: frames, tcp: "127.0.0.1:\(flooding.port)"}
              steady: {adapter: p1, meter: steady, tcp: "127.0.0.1:\(steady.port)"}
            """, waitsForSubscription: false)
        #expect(flooding.connections.wait(seconds: 30) { $0 == 1 }, "\(bridge.log)")
        #expect(steady.connections.wait(seconds: 30) { $0 == 1 }, "\(bridge.log)")
        // Beginnings of frames that never end.
        let noise = (0..<1 << 16).map { [0x7E, 0xA7, 0xFF, 0x03][$0 % 4] as UInt8 }
        let isOver = Monitor(false)
        let thread = TestThread { while !isOver.value, flooding.send(noise) {} }
        for number in 1...3 {
            steady.send(telegram)
            #expect(output.wait(seconds: 60) { count($0, of: "steady") == number }, "\(bridge.log)")
        }
        isOver.withLock { $0 = true }
        #expect(bridge.stop() == 0)
        _ = thread
    }

    @Test func `check tells what comes on a line`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let cable = try PseudoTerminal(at: "\(folder.path)/usb-p1")
        let silent = try LineServer()
        let path = try folder.write(
            "bridge.yaml",
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources:
              cable: {adapter: p1, meter: cable, serial: {device: \(cable.path), baud: 115200}}
              silent: {adapter: frames, tcp: "127.0.0.1:\(silent.port)"}
            """)
        let check = try ChildProcess(RunningBridge.program, ["check", "--config", path, "--connect", "--for", "4s"])
        #expect(check.wait(seconds: 30) { $0.contains { $0.contains("source \"cable\": listening to serial") } })
        cable.write(telegram)
        #expect(check.wait(seconds: 30) == 1)
        let text = check.output.value.lines.joined(separator: "\n")
        #expect(text.contains("source cable: 1 message on 1 topic; 1 reading of 1 meter"), "\(text)")
        #expect(
            text.contains(
                "fault: source silent: nothing came from tcp 127.0.0.1:\(silent.port) in 4 s; is a running bridge reading it?"
            ),
            "\(text)")
    }

    @Test func `discover finds what is on a serial port`() throws {
        let folder = try TemporaryDirectory()
        let head = try PseudoTerminal(at: "\(folder.path)/usb-head")
        let discover = try ChildProcess(RunningBridge.program, ["discover", "--serial", head.path, "--for", "30s"])
        let isOver = Monitor(false)
        let thread = TestThread {
            while !isOver.value {
                // Nobody may be reading: what waits in a terminal is dropped at the next opening.
                head.write(Array(Self.frame))
                usleep(700_000)
            }
        }
        let status = discover.wait(seconds: 60)
        isOver.withLock { $0 = true }
        _ = thread
        #expect(status == 0)
        let lines = discover.output.value.lines
        #expect(
            lines.contains("115200 Bd 8N1: a telegram of the meter 7359990000000042 with 5 registers"), "\(lines)")
        #expect(
            lines.contains(
                "  meter: {adapter: frames, serial: {device: \(head.path), baud: 115200, format: 8N1}}"), "\(lines)")
    }
}
