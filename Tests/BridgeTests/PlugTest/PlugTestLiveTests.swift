// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// `obis-bridge plugtest` beside a real broker.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PlugTestLiveTests {
    private static func publish(_ watts: ClosedRange<Int>, port: Int) throws {
        for watts in watts {
            let now = Int(Date().timeIntervalSince1970)
            try mosquittoPub(
                port: port, topic: "smartmeter/LGZ1030655900017/ACTIVE_POWER_P",
                payload: "{\"value\": \(watts).0, \"timestamp\": \(now + watts), \"obis\": \"1.7.0\"}")
        }
    }

    /// One collector, whose power is expected.
    private static func collector(port: Int) -> String {
        """
        broker: mqtt://localhost:\(port)
        zone: Europe/Zurich
        sources: {ekz: {adapter: smartmeter-datacollector, subscribe: smartmeter/#}}
        plugtest: {expected: [1-0:1.7.0]}

        """
    }

    private static func start(_ options: String, span: String = "120s", in folder: TemporaryDirectory) throws
        -> ChildProcess
    {
        try ChildProcess(
            "sh",
            [
                "-c",
                "cd \(folder.path) && exec \(RunningBridge.program) plugtest --config bridge.yaml --for \(span) \(options) "
                    + "--format json > report.json",
            ])
    }

    private static func report(in folder: TemporaryDirectory) throws -> PlugTestReport {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/report.json"))
        return try JSONDecoder().decode(PlugTestReport.self, from: bytes)
    }

    private static func eventually(_ isTrue: () -> Bool) -> Bool {
        for _ in 0..<400 {
            if isTrue() { return true }
            Thread.sleep(forTimeInterval: 0.05)
        }
        return false
    }

    private static func text(_ name: String, in folder: TemporaryDirectory) -> String {
        (try? String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)) ?? ""
    }

    @Test func `it listens to a broker, shows progress, and keeps what it heard`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            """
            broker: mqtt://localhost:\(broker.port)
            zone: Europe/Zurich
            sources:
              ekz: {adapter: smartmeter-datacollector, subscribe: smartmeter/#}
              ewb: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/gPlug10/SENSOR}
            plugtest: {expected: [1-0:1.7.0]}

            """)
        let process = try Self.start("--record heard.jsonl", in: folder)
        #expect(process.wait { $0.contains { $0.hasPrefix("Listening on") } })
        #expect(process.wait { $0.contains { $0.contains("readings: ekz -") } })
        try Self.publish(1...4, port: broker.port)
        #expect(Self.eventually { Self.text("heard.jsonl", in: folder).contains(": 4.0,") })
        process.kill(SIGINT)
        #expect(process.wait() == 2)
        let report = try Self.report(in: folder)
        #expect(report.rows.map(\.messages) == [4, 0])
        #expect(report.rows.map(\.harmonised.verdict) == [.pass, .notObserved])
        let again = try ChildProcess(
            RunningBridge.program,
            [
                "plugtest", "--config", "\(folder.path)/bridge.yaml", "--input", "\(folder.path)/heard.jsonl",
                "--format",
                "json",
            ])
        #expect(again.wait() == 2)
        #expect(again.output.value.lines.joined(separator: "\n") + "\n" == Self.text("report.json", in: folder))
    }

    @Test func `a broker that is restarted is listened to again`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", Self.collector(port: broker.port))
        let process = try Self.start("--record heard.jsonl", in: folder)
        #expect(process.wait { $0.contains { $0.hasPrefix("Listening on") } })
        try Self.publish(1...2, port: broker.port)
        #expect(Self.eventually { Self.text("heard.jsonl", in: folder).contains(": 2.0,") })
        try broker.restart()
        #expect(
            Self.eventually {
                try? Self.publish(3...3, port: broker.port)
                return Self.text("heard.jsonl", in: folder).contains(": 3.0,")
            })
        process.kill(SIGINT)
        #expect(process.wait() == 0)
    }

    @Test func `a reader that is asked by HTTP is a row too`() throws {
        let broker = try MosquittoBroker()
        let telegram = "/KFM5KAIFA-METER\r\n\r\n1-0:1.7.0(00.412*kW)\r\n!\r\n"
        let server = try FakeHTTPServer { _, send in send(FakeHTTPServer.ok(telegram)) }
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            """
            broker: mqtt://localhost:\(broker.port)
            zone: Europe/Zurich
            sources: {dongle: {adapter: p1, meter: house, http: {url: "http://127.0.0.1:\(server.port)/telegram", every: 1s}}}
            plugtest: {expected: [1-0:1.7.0]}

            """)
        let process = try Self.start("--record heard.jsonl", in: folder)
        #expect(
            Self.eventually {
                Self.text("heard.jsonl", in: folder).components(separatedBy: "00.412*kW").count > 4
            })
        process.kill(SIGINT)
        #expect(process.wait() == 0)
        let row = try #require(try Self.report(in: folder).rows.first)
        #expect(row.cells.map(\.value) == ["412"])
        #expect(row.readings >= 4)
    }

    @Test func `what is heard and anonymised reaches the disk under other names only`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", Self.collector(port: broker.port))
        let process = try Self.start("--record heard.jsonl --anonymise", span: "15s", in: folder)
        #expect(process.wait { $0.contains { $0.hasPrefix("Listening on") } })
        try Self.publish(1...4, port: broker.port)
        #expect(process.wait(seconds: 60) != nil)
        #expect(Self.text("heard.jsonl", in: folder).contains("smartmeter/LGZ9000000000001/ACTIVE_POWER_P"))
        #expect(!Self.text("heard.jsonl", in: folder).contains("LGZ1030655900017"))
        #expect(!Self.text("report.json", in: folder).contains("LGZ1030655900017"))
    }
}
