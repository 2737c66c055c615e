// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeRuntime

/// A message that ends the bridge must not end it for ever.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct CrashGuardTests {
    private let message = Self.message(Array("{\"z\":{\"Pi\":666}}".utf8))
    private let other = Self.message(Array("{\"z\":{\"Pi\":667}}".utf8))

    private static func message(_ payload: [UInt8]) -> RawMessage {
        RawMessage(topic: "tele/g/SENSOR", payload: payload, received: Timestamp(seconds: 1_795_217_228))
    }

    private func guardian(_ directory: TemporaryDirectory) throws -> CrashGuard {
        try CrashGuard(directory: directory.path, name: "test-in")
    }

    /// As a process that dies in the midst of it.
    private func die(at message: RawMessage, in directory: TemporaryDirectory) throws {
        #expect(try guardian(directory).mayHandle(message))
    }

    @Test func `it is given up at the fourth start and stays so`() throws {
        let directory = try TemporaryDirectory()
        for _ in 1...3 { try die(at: message, in: directory) }
        for _ in 1...2 {
            let guardian = try guardian(directory)
            #expect(!guardian.mayHandle(message))
            #expect(guardian.mayHandle(other))
            guardian.pause()
        }
    }

    @Test func `what a meter's readers sent goes when the meter is forgotten`() throws {
        let directory = try TemporaryDirectory()
        for _ in 1...3 { try die(at: message, in: directory) }
        func kept() -> String {
            ["test-in.message", "test-in.suspects"].reduce("") { text, name in
                let data = FileManager.default.contents(atPath: "\(directory.path)/\(name)") ?? Data()
                return text + String(decoding: data, as: UTF8.self)
            }
        }
        var guardian = try guardian(directory)
        #expect(!guardian.mayHandle(message))
        let last = RawMessage(topic: "tele/other/SENSOR", payload: Array("secret".utf8), received: message.received)
        #expect(guardian.mayHandle(last))
        guardian.handled(last)
        #expect(kept().contains("secret") && kept().contains("SENSOR"))
        #expect(guardian.forget { $0 == "tele/nobody" } == 0)
        #expect(!kept().contains("secret") && !guardian.mayHandle(message))
        #expect(guardian.forget { $0 == message.topic } == 1)
        #expect(guardian.mayHandle(message))
        guardian.pause()
    }

    @Test func `two unclean ends are no reason`() throws {
        let directory = try TemporaryDirectory()
        for _ in 1...2 { try die(at: message, in: directory) }
        var guardian = try guardian(directory)
        #expect(guardian.mayHandle(message))
        guardian.handled(message)
    }

    @Test func `ends at different messages, or with a good end between, are not in a row`() throws {
        let directory = try TemporaryDirectory()
        for _ in 1...3 {
            try die(at: message, in: directory)
            try die(at: message, in: directory)
            try die(at: other, in: directory)
        }
        for _ in 1...3 {
            try die(at: message, in: directory)
            try die(at: message, in: directory)
            var guardian = try guardian(directory)
            #expect(guardian.mayHandle(message))
            guardian.handled(message)
        }
        #expect(try guardian(directory).mayHandle(message))
    }

    @Test func `a payload larger than the file is told by its beginning and its length`() throws {
        let directory = try TemporaryDirectory()
        let large = Self.message([UInt8](repeating: 65, count: 1 << 20))
        let larger = Self.message([UInt8](repeating: 65, count: 1 << 20 + 1))
        for _ in 1...3 { try die(at: large, in: directory) }
        let guardian = try guardian(directory)
        #expect(!guardian.mayHandle(large))
        #expect(guardian.mayHandle(larger))
    }

    @Test func `what fails while results are held back is the last message's`() throws {
        let directory = try TemporaryDirectory()
        for _ in 1...3 {
            var guardian = try guardian(directory)
            #expect(guardian.mayHandle(message))
            guardian.handled(message, isComplete: false)
            guardian.resume()
        }
        #expect(try !guardian(directory).mayHandle(message))
    }

    @Test(arguments: ["", "nonsense", String(repeating: "\u{1}", count: 200_000)])
    func `a damaged file is an empty one`(content: String) throws {
        let directory = try TemporaryDirectory()
        try directory.write("test-in.message", content)
        try directory.write("test-in.suspects", content)
        #expect(try guardian(directory).mayHandle(message))
    }

    @Test func `two bridges do not share a file`() throws {
        let directory = try TemporaryDirectory()
        let one = try guardian(directory)
        #expect(throws: MessageMark.Fault.self) { try guardian(directory) }
        #expect(throws: Never.self) { try CrashGuard(directory: directory.path, name: "another") }
        #expect(one.mayHandle(message))
    }

    @Test func `the directory is systemd's, else the user's`() throws {
        let directory = try TemporaryDirectory()
        #expect(CrashGuard.directory(environment: ["RUNTIME_DIRECTORY": "/run/a:/run/b"]) == "/run/a")
        let path = directory.path
        #expect(CrashGuard.directory(environment: ["XDG_RUNTIME_DIR": path]) == "\(path)/obis-bridge")
        #expect(CrashGuard.directory(environment: [:]) == nil)
    }

    private func configuration(_ broker: Int) -> String {
        """
        bridge: test
        broker: mqtt://localhost:\(broker)
        zone: UTC
        sources: {gplug: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}}
        """
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `without room for it the bridge works, and says once that it is not guarded`() throws {
        let disk = try SmallDisk(kilobytes: 64)
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            configuration(broker.port), environment: ["RUNTIME_DIRECTORY": disk.path])
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/bridge/test/health", "harmonized/v1/meter/haus/reading"])
        try mosquittoPub(port: broker.port, topic: message.topic, payload: "{\"z\":{\"Pi\":667}}")
        #expect(output.wait { $0.contains { $0.contains("/reading ") } }, "\(bridge.log)")
        let problem = "\(disk.path)/test-in.message: No space left on device"
        #expect(bridge.log.components(separatedBy: problem).count == 2, "\(bridge.log)")
        let health = output.messages.map { Received($0) }.first { $0.topic.hasSuffix("/health") }
        #expect(health?.object["crash_guard_problem"] as? String == problem, "\(output.messages)")
        #expect(bridge.stop() == 0)
    }

    @Test(.enabled(if: SmallDisk.isAvailable))
    func `a directory that becomes full later ends nothing, however large a message is`() throws {
        let disk = try SmallDisk(kilobytes: 256)
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            configuration(broker.port), environment: ["RUNTIME_DIRECTORY": disk.path])
        try disk.fill()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/haus/reading"])
        for power in [701, 702, 703] {
            let blanks = String(repeating: " ", count: 120_000)
            try mosquittoPub(
                port: broker.port, topic: message.topic, payload: "{\"z\":{\"Pi\":\(power)}\(blanks)}")
        }
        #expect(output.wait { $0.count >= 3 }, "\(bridge.log)")
        #expect(Received(output.messages.last ?? "").registers["1-0:1.7.0"] == "703 W")
        // And starts again as long as the room is taken.
        #expect(bridge.stop() == 0)
        let next = try RunningBridge(configuration(broker.port), environment: ["RUNTIME_DIRECTORY": disk.path])
        #expect(next.stop() == 0)
    }

    @Test func `an answer of a reader that is asked by HTTP is given up as well`() throws {
        let directory = try TemporaryDirectory()
        let broker = try MosquittoBroker()
        let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"
        let server = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(telegram)) }
        let deadly = RawMessage(
            topic: "http/dongle", payload: Array(telegram.utf8), received: Timestamp(seconds: 1_795_217_228))
        for _ in 1...3 { try die(at: deadly, in: directory) }
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(broker.port)
            sources: {dongle: {adapter: p1, http: {url: "http://127.0.0.1:\(server.port)/", every: 500ms}, meter: home}}
            """, environment: ["RUNTIME_DIRECTORY": directory.path], waitsForSubscription: false)
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/bridge/test/reject", "harmonized/v1/meter/home/reading"])
        #expect(output.wait { !$0.isEmpty }, "\(bridge.log)")
        #expect(Received(output.messages.first ?? "").object["reason"] as? String == "message.crash")
        #expect(bridge.stop() == 0)
    }

    @Test func `the bridge publishes it to reject and reads on`() throws {
        let directory = try TemporaryDirectory()
        let broker = try MosquittoBroker()
        for _ in 1...3 { try die(at: message, in: directory) }
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}}
            """, environment: ["RUNTIME_DIRECTORY": directory.path])
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/bridge/test/reject", "harmonized/v1/meter/haus/reading"])
        for message in [message, other] {
            try mosquittoPub(
                port: broker.port, topic: message.topic, payload: String(decoding: message.payload, as: UTF8.self))
        }
        #expect(output.wait { $0.count >= 2 }, "\(bridge.log)")
        let reject = Received(output.messages.first ?? "")
        #expect(reject.object["reason"] as? String == "message.crash")
        #expect(reject.object["payload"] as? String == "{\"z\":{\"Pi\":666}}")
        #expect(Received(output.messages.last ?? "").registers["1-0:1.7.0"] == "667 W")
        #expect(bridge.log.contains("ended the bridge 3 times: it is published to reject and not handled"))
        #expect(bridge.stop() == 0)
    }
}
