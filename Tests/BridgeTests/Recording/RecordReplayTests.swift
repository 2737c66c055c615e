// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// `record` and `replay`: the real program, a real broker.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct RecordReplayTests {
    private func traffic(_ path: String) throws -> RecordedTraffic {
        try RecordedTraffic(Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private func eventually(_ condition: () -> Bool) -> Bool {
        for _ in 0..<1500 {
            if condition() { return true }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return condition()
    }

    private let payload = #"{"Time":"2026-11-20T23:27:07","z":{"SMid":"A1","Pi":0.412}}"#

    @Test func `what is recorded is played again, byte by byte and in its order`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/traffic.jsonl"
        let odd = try folder.write("odd", "")
        try Data([0x2F, 0xFF, 0x00, 0x0A]).write(to: URL(fileURLWithPath: odd))
        try mosquittoPub(port: broker.port, topic: "tele/kept/SENSOR", payload: payload, retain: true)
        let record = try ChildProcess(
            RunningBridge.program,
            ["record", file, "--broker", "mqtt://localhost:\(broker.port)", "--topic", "tele/#", "-t", "p1/+"])
        // What was kept comes first, and shows that it listens.
        #expect(eventually { ((try? traffic(file))?.messages.count ?? 0) >= 2 })
        for number in 0..<20 {
            try mosquittoPub(port: broker.port, topic: "tele/a/SENSOR", payload: "{\"z\":{\"Pi\":\(number)}}")
        }
        let sent = try ChildProcess(
            "mosquitto_pub", ["-h", "localhost", "-p", "\(broker.port)", "-q", "1", "-t", "p1/raw", "-f", odd])
        #expect(sent.wait() == 0)
        try mosquittoPub(port: broker.port, topic: "other/topic", payload: "not wanted")
        #expect(eventually { ((try? traffic(file))?.messages.count ?? 0) >= 23 })
        record.kill(SIGINT)
        #expect(record.wait() == 0, "\(record.output.value.lines)")
        #expect(record.output.value.lines.last?.hasPrefix("Recorded 22 messages on 3 topics in ") == true)
        let recorded = try traffic(file).messages
        #expect(recorded.first?.topic == RecordedTraffic.beginning && recorded.last?.topic == RecordedTraffic.end)
        let messages = recorded.filter { !RecordedTraffic.isMark($0.topic) }
        #expect(messages.first?.isRetained == true)
        #expect(messages.contains { $0.topic == "p1/raw" && $0.payload == [0x2F, 0xFF, 0x00, 0x0A] })
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let other = try MosquittoBroker()
        let output = try MosquittoSub(port: other.port, topics: ["#"], format: "%t %x")
        let replay = try ChildProcess(
            RunningBridge.program, ["replay", file, "--broker", "mqtt://localhost:\(other.port)", "--speed", "max"])
        #expect(replay.wait() == 0, "\(replay.output.value.lines)")
        #expect(
            replay.output.value.lines.last == "Published 22 messages to localhost:\(other.port).",
            "\(replay.output.value.lines)")
        #expect(output.wait { $0.count >= 22 })
        func hexadecimal(_ bytes: [UInt8]) -> String {
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        #expect(output.messages == messages.map { "\($0.topic) \(hexadecimal($0.payload))" })
    }

    @Test func `a file that exists is left alone unless it is said`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = try folder.write("mine.jsonl", "precious")
        let arguments = [
            "record", file, "--broker", "mqtt://localhost:\(broker.port)", "--topic", "#", "--for", "100ms",
        ]
        let first = try ChildProcess(RunningBridge.program, arguments)
        #expect(first.wait() == 1)
        #expect(first.output.value.lines == ["\(file) exists already: name another file, or --force"])
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
        let second = try ChildProcess(RunningBridge.program, arguments + ["--force"])
        #expect(second.wait() == 0, "\(second.output.value.lines)")
        #expect(try traffic(file).messages.map(\.topic) == [RecordedTraffic.beginning, RecordedTraffic.end])
    }

    @Test func `a kill loses no line that was written`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/traffic.jsonl"
        let record = try ChildProcess(
            RunningBridge.program, ["record", file, "--broker", "mqtt://localhost:\(broker.port)", "--topic", "tele/#"])
        try mosquittoPub(port: broker.port, topic: "tele/kept/SENSOR", payload: payload, retain: true)
        #expect(eventually { ((try? traffic(file))?.messages.count ?? 0) >= 2 })
        for _ in 0..<10 { try mosquittoPub(port: broker.port, topic: "tele/a/SENSOR", payload: payload) }
        #expect(eventually { ((try? traffic(file))?.messages.count ?? 0) >= 12 })
        record.kill(SIGKILL)
        _ = record.wait()
        #expect(try traffic(file).messages.count >= 12)
    }

    @Test func `it goes on after the broker was away`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/traffic.jsonl"
        let record = try ChildProcess(
            RunningBridge.program, ["record", file, "--broker", "mqtt://localhost:\(broker.port)", "--topic", "tele/#"])
        try mosquittoPub(port: broker.port, topic: "tele/kept/SENSOR", payload: payload, retain: true)
        #expect(eventually { ((try? traffic(file))?.messages.count ?? 0) >= 2 })
        broker.stop()
        #expect(record.wait { $0.contains { $0.contains("; trying again") } }, "\(record.output.value.lines)")
        try broker.start()
        try mosquittoPub(port: broker.port, topic: "tele/new/SENSOR", payload: payload, retain: true)
        #expect(eventually { (try? traffic(file))?.messages.contains { $0.topic == "tele/new/SENSOR" } == true })
        record.kill(SIGINT)
        #expect(record.wait() == 0)
        #expect(record.output.value.lines.count { $0.contains("trying again") } == 1, "\(record.output.value.lines)")
    }

    @Test func `a line that was cut by a crash is left out, and said`() throws {
        let folder = try TemporaryDirectory()
        let whole = #"{"received":"2026-11-20T22:40:02Z","topic":"tele/a/SENSOR","payload":"{\"z\":{\"Pi\":12}}"}"#
        let traffic = try RecordedTraffic(Data((whole + "\n" + whole.dropLast(20)).utf8))
        #expect(traffic.messages.count == 1 && traffic.isCut)
        // In the middle, or with its end, it is a mistake.
        for text in [whole.dropLast(20) + "\n" + whole + "\n", whole + "\n" + whole.dropLast(20) + "\n"] {
            #expect(throws: RecordedTraffic.Malformed.self) { try RecordedTraffic(Data(text.utf8)) }
        }
        #expect(try !RecordedTraffic(Data(whole.utf8)).isCut)
        let file = try folder.write("cut.jsonl", whole + "\n" + whole.dropLast(20))
        let configuration = try folder.write(
            "bridge.yaml", "zone: UTC\nsources: {a: {adapter: gplug, labels: gplug-d}}\n")
        let replay = try ChildProcess(
            RunningBridge.program, ["replay", file, "--through", "--config", configuration])
        #expect(replay.wait() == 0)
        #expect(replay.output.value.lines.contains("\(file): the last line is cut off, and left out"))
    }

    @Test func `through the pipeline it comes out as it would have at that time`() throws {
        let folder = try TemporaryDirectory()
        let configuration = try folder.write(
            "bridge.yaml",
            "bridge: test\nzone: Europe/Zurich\nsources: {a: {adapter: gplug, labels: gplug-d, subscribe: tele/a/SENSOR}}\n"
        )
        let file = try folder.write(
            "traffic.jsonl",
            """
            {"received":"2021-09-24T15:56:39Z","topic":"$obis-bridge/begin","payload":""}
            {"received":"2021-09-24T15:56:39Z","topic":"tele/a/SENSOR","payload":"{\\"Time\\":\\"2021-09-24T17:56:38\\",\\"z\\":{\\"SMid\\":\\"A1\\",\\"Pi\\":0.412}}"}
            {"received":"2021-09-24T15:56:49Z","topic":"tele/a/SENSOR","payload":"{\\"z\\":"}
            {"received":"2021-09-24T16:56:49Z","topic":"tele/b/SENSOR","payload":"{}"}

            """)
        let replay = try ChildProcess(RunningBridge.program, ["replay", file, "--through", "--config", configuration])
        #expect(replay.wait() == 0, "\(replay.output.value.lines)")
        let lines = replay.output.value.lines
        #expect(lines.contains("3 messages: 1 reading, 1 rejected, 1 ignored"), "\(lines)")
        let reading = try #require(lines.first { $0.contains("/meter/a1/reading") })
        // Today the time would be years too old; then it was not.
        #expect(reading.contains(#"\"time\":\"2021-09-24T15:56:38Z\",\"time_source\":\"source\""#), "\(reading)")
        #expect(reading.contains(#"\"fixes\":[]"#), "\(reading)")
        // An hour of silence passed in between.
        #expect(lines.contains { $0.contains("/meter/a1/availability") && $0.contains("offline") }, "\(lines)")
    }

    @Test func `what sources read by HTTP is recorded too`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"
        let server = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(telegram)) }
        let configuration = try folder.write(
            "bridge.yaml",
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources:
              dongle: {adapter: p1, http: {url: "http://127.0.0.1:\(server.port)/", every: 500ms, timeout: 60s}, meter: home}
              gplug: {adapter: gplug, labels: gplug-d}
            """)
        let file = "\(folder.path)/traffic.jsonl"
        let record = try ChildProcess(RunningBridge.program, ["record", file, "--config", configuration])
        #expect(eventually { ((try? traffic(file))?.messages.count ?? 0) >= 3 })
        record.kill(SIGTERM)
        #expect(record.wait() == 0, "\(record.output.value.lines)")
        let replay = try ChildProcess(RunningBridge.program, ["replay", file, "--through", "--config", configuration])
        #expect(replay.wait() == 0)
        #expect(replay.output.value.lines.contains { $0.contains("harmonized/v1/meter/home/obis/1-0:1.8.1") })
    }

    @Test(arguments: [
        (["record", "x.jsonl", "--broker", "mqtt://localhost:1"], "--topic"),
        (["record", "x.jsonl", "--broker", "mqtt://u:p@localhost", "--topic", "#"], "OBIS_BRIDGE_PASSWORD"),
        (["record", "x.jsonl", "--topic", "a/#/b"], "is no topic filter"),
        (["replay", "x.jsonl", "--speed", "0"], "speed"),
        (["replay", "x.jsonl", "--through", "--broker", "localhost"], "--through needs no broker"),
    ])
    func `a wrong use is one sentence and exit code 64`(arguments: [String], words: String) throws {
        let process = try ChildProcess(RunningBridge.program, arguments)
        #expect(process.wait() == 64)
        #expect(process.output.value.lines.contains { $0.contains(words) }, "\(process.output.value.lines)")
    }

    @Test func `no broker is exit code 69, no recording 1`() throws {
        let port = try freePort()
        let folder = try TemporaryDirectory()
        let record = try ChildProcess(
            RunningBridge.program,
            ["record", "\(folder.path)/x.jsonl", "--broker", "mqtt://localhost:\(port)", "--topic", "#"])
        #expect(record.wait() == 69)
        #expect(record.output.value.lines.contains { $0.contains("cannot reach localhost:\(port)") })
        let replay = try ChildProcess(
            RunningBridge.program, ["replay", "\(folder.path)/none", "--broker", "mqtt://localhost:\(port)"])
        #expect(replay.wait() == 1)
        #expect(replay.output.value.lines == ["cannot read \(folder.path)/none: no such file or directory"])
    }
}
