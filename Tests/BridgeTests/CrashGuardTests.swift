// SPDX-License-Identifier: Apache-2.0
import Foundation
import MQTT
import TestSupport
import Testing

@testable import bridge

/// A message that ends the bridge must not end it for ever.
@Suite(.timeLimit(.minutes(5 * Patience.factor))) struct CrashGuardTests {
    private let message = MQTTMessage(topic: "tele/g/SENSOR", payload: Array("{\"z\":{\"Pi\":666}}".utf8))
    private let other = MQTTMessage(topic: "tele/g/SENSOR", payload: Array("{\"z\":{\"Pi\":667}}".utf8))

    private func guardian(_ directory: TemporaryDirectory) throws -> CrashGuard {
        try #require(CrashGuard(directory: directory.path, name: "obis-bridge-in"))
    }

    /// As a process that dies in the midst of it.
    private func die(at message: MQTTMessage, in directory: TemporaryDirectory) throws {
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
        let large = MQTTMessage(topic: "a", payload: [UInt8](repeating: 65, count: 1 << 20))
        let larger = MQTTMessage(topic: "a", payload: [UInt8](repeating: 65, count: 1 << 20 + 1))
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
        try directory.write("obis-bridge-in.message", content)
        try directory.write("obis-bridge-in.suspects", content)
        #expect(try guardian(directory).mayHandle(message))
    }

    @Test func `two bridges do not share a file`() throws {
        let directory = try TemporaryDirectory()
        let one = try guardian(directory)
        #expect(CrashGuard(directory: directory.path, name: "obis-bridge-in") == nil)
        #expect(CrashGuard(directory: directory.path, name: "another") != nil)
        #expect(CrashGuard(directory: nil, name: "another") == nil)
        #expect(one.mayHandle(message))
    }

    @Test func `the directory is systemd's, else the user's`() throws {
        let directory = try TemporaryDirectory()
        #expect(CrashGuard.directory(environment: ["RUNTIME_DIRECTORY": "/run/a:/run/b"]) == "/run/a")
        let path = directory.path
        #expect(CrashGuard.directory(environment: ["XDG_RUNTIME_DIR": path]) == "\(path)/obis-bridge")
        #expect(CrashGuard.directory(environment: [:]) == nil)
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
