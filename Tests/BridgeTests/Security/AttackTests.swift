// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import bridge

/// A hundred thousand with OBIS_ATTACK=100000 in the environment; a test of every day makes fewer.
private let attempts = ProcessInfo.processInfo.environment["OBIS_ATTACK"].flatMap { Int($0) } ?? 2000

/// A sender without scruples, against the real program.
@Suite(.timeLimit(.minutes(attempts > 10_000 ? 60 : 5 * Patience.factor))) struct AttackTests {
    /// Memory of a process in MB: `VmRSS` has it now, `VmHWM` at its highest.
    private func memory(_ name: String, of process: Int) -> Int? {
        let status = FileManager.default.contents(atPath: "/proc/\(process)/status").map {
            String(decoding: $0, as: UTF8.self)
        }
        return status?.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            .flatMap { line in Int(line.filter(\.isNumber)) }.map { $0 / 1024 }
    }

    private func processID(of folder: String) throws -> Int? {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int($0) }.first { process in
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first?.hasSuffix("obis-bridge") == true && words.contains { $0.contains(folder) }
        }
    }

    @Test func `any number of invented ids leaves the memory small and the meter alive`() throws {
        let broker = try MosquittoBroker(.init(lines: ["max_queued_messages 0"]))
        let bridge = try RunningBridge(
            """
            bridge: home
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-d, subscribe: tele/+/SENSOR}}
            limits: {meters: 100}
            """)
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/meter/keep/reading", "harmonized/v1/bridge/home/reject"])
        try mosquittoPub(port: broker.port, topic: "tele/good/SENSOR", payload: #"{"z":{"SMid":"KEEP","Pi":0.412}}"#)
        #expect(output.wait { $0.count { $0.contains("/keep/reading ") } == 1 }, "\(bridge.log)")
        let process = try #require(try processID(of: bridge.folder))
        let before = try #require(memory("VmRSS", of: process))
        let lines = (0..<attempts).map { #"{"z":{"SMid":"N\#($0)","Pi":0.412,"label\#($0)":1}}"# }
        for part in stride(from: 0, to: lines.count, by: 1000) {
            // In parts that the pipe of the test takes.
            try mosquittoPub(
                port: broker.port, topic: "tele/bad/SENSOR", lines: Array(lines[part..<min(part + 1000, lines.count)]),
                qos: 0)
        }
        try mosquittoPub(port: broker.port, topic: "tele/good/SENSOR", payload: #"{"z":{"SMid":"KEEP","Pi":0.5}}"#)
        #expect(
            output.wait(seconds: 200 + Double(attempts) / 100) {
                $0.count { $0.contains("/keep/reading ") } == 2
            }, "\(bridge.log.suffix(2000))")
        let after = try #require(memory("VmRSS", of: process))
        let peak = try #require(memory("VmHWM", of: process))
        if attempts > 10_000 {
            print("\(attempts) invented ids: \(before) MB before, \(after) MB after, \(peak) MB at most")
        }
        // What a sanitizer adds is not the bridge's.
        #expect(peak < 150 || Patience.factor > 1, "\(peak) MB")
        #expect(bridge.log.utf8.count < 1_000_000)
        let rejects = output.messages.count { $0.contains("limit.reached") }
        #expect((1...60).contains(rejects), "\(rejects)")
        #expect(bridge.stop() == 0)
    }

    @Test func `nothing from a payload reaches topic, log or terminal as it is`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            bridge: home
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {gplug: {adapter: gplug, subscribe: "tele/#"}}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["#"], format: "%t %p")
        let evil = [
            "+", "#", "$SYS", "a/b", "\u{1b}[2J", "\u{202e}x", "a\u{7f}b", String(repeating: "Z", count: 60_000),
        ]
        for (number, word) in evil.enumerated() {
            let escaped = word.replacing("\u{1b}", with: "\\u001b").replacing("\u{7f}", with: "\\u007f")
            try mosquittoPub(
                port: broker.port, topic: "tele/dev\(number)/SENSOR",
                lines: [#"{"z":{"SMid":"\#(escaped)","Pi":1,"Po":0,"Ei":1.5,"\#(escaped)":2}}"#])
        }
        try mosquittoPub(
            port: broker.port, topic: "tele/\u{202e}dev/SENSOR", payload: #"{"z":{"Pi":1,"Po":0,"Ei":1.5,"#)
        try mosquittoPub(
            port: broker.port, topic: "tele/end/SENSOR", payload: #"{"z":{"SMid":"END","Pi":1,"Po":0,"Ei":2.5}}"#)
        #expect(
            output.wait(seconds: 60) { $0.contains { $0.hasPrefix("harmonized/v1/meter/end/reading ") } },
            "\(bridge.log)")
        #expect(bridge.stop() == 0)
        let own = output.messages.filter { $0.hasPrefix("harmonized/") }
        #expect(!own.isEmpty)
        for message in own {
            #expect(Self.isHarmless(message), "\(message.prefix(300))")
            let topic = Received(message).topic
            #expect(topic.utf8.count < 120)
            #expect(
                topic.utf8.allSatisfy { (0x21...0x7e).contains($0) && ![0x23, 0x24, 0x2b].contains($0) }, "\(topic)")
        }
        for line in bridge.process.output.value.lines {
            #expect(Self.isHarmless(line), "\(line.prefix(300))")
            #expect(line.utf8.count < 4000)
        }
    }

    static func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
            default: true
            }
        }
    }

    /// As they are published: on a topic, in a JSON text, and in the labels.
    static let words = ["\u{1b}[31mred\u{9b}", "\u{202e}back\u{feff}"]

    @Test(arguments: words) func `convert and discover print nothing that a terminal acts on`(word: String) throws {
        let payload = #"{"z":{"SMid":"S\#(word)","Pi":1,"Po":0,"Ei":1.5,"L\#(word)":2,"\#(word)":"\#(word)"}}"#
        let convert = try ChildProcess(
            RunningBridge.program,
            ["convert", "--adapter", "gplug", "--zone", "UTC", "--topic", "tele/x\(word)/SENSOR"],
            input: Array(payload.utf8))
        #expect(convert.wait() == 0 || convert.wait() == 1)
        #expect(!convert.output.value.lines.isEmpty)
        for line in convert.output.value.lines { #expect(Self.isHarmless(line), "\(line)") }
        let reject = try ChildProcess(
            RunningBridge.program,
            ["convert", "--adapter", "gplug", "--zone", "UTC", "--topic", "tele/x\(word)/SENSOR"],
            input: Array(payload.utf8.dropLast(30)))
        #expect(reject.wait() == 1)
        for line in reject.output.value.lines { #expect(Self.isHarmless(line), "\(line)") }

        let broker = try MosquittoBroker()
        let discover = try ChildProcess(
            RunningBridge.program,
            ["discover", "--broker", "mqtt://localhost:\(broker.port)", "--for", "2s", "--wait", "0s"])
        #expect(discover.wait { $0.contains { $0.hasPrefix("Listening on") } })
        // mosquitto takes no control characters in a topic (MQTT 5.0, 1.5.4 leaves that to the broker).
        let level = String(
            String.UnicodeScalarView(word.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        try mosquittoPub(port: broker.port, topic: "tele/x\(level)/SENSOR", payload: payload)
        try mosquittoPub(port: broker.port, topic: "tele/y\(level)/SENSOR", payload: "{\"z\":{\"Pi\(word)")
        try mosquittoPub(port: broker.port, topic: "other/\(level)", payload: word)
        #expect(discover.wait() != nil)
        #expect(discover.output.value.lines.count > 1)
        for line in discover.output.value.lines { #expect(Self.isHarmless(line), "\(line)") }
    }
}
