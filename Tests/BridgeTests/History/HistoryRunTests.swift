// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import History
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// A running bridge keeps what it publishes, and answers questions about it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct HistoryRunTests {
    /// Runs a bridge with a history in `folder` until `body` is done, and ends it as systemd does.
    private func run(
        _ folder: TemporaryDirectory, broker: Int, history: String = "on", _ body: (WebBridge) throws -> Void
    ) throws {
        let bridge = try WebBridge(broker: broker, more: "history: \(history)", folder: folder)
        try body(bridge)
        #expect(bridge.bridge.stop() == 0)
    }

    private func payload(_ energy: String, _ power: Int, time: String) -> String {
        "{\"Time\":\"\(time)\",\"z\":{\"Pi\":\(power),\"B1\":\(energy)}}"
    }

    /// A time some seconds ago, as Tasmota writes it in UTC.
    private func ago(_ seconds: Double) -> String {
        let text = Date(timeIntervalSinceNow: -seconds).formatted(.iso8601)
        return String(text.dropLast())
    }

    @Test func `what is published is kept, over a restart, and answered as JSON and CSV`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let folder = try TemporaryDirectory()
            try run(folder, broker: broker.port) { bridge in
                for (number, energy) in ["10", "10.25", "10.75"].enumerated() {
                    try bridge.send(payload(energy, 1000 + number, time: ago(30 - Double(number) * 10)))
                }
                _ = try bridge.wait("/v1/meters/house") { $0.text.contains("\"value\":10.75") }
            }
            try run(folder, broker: broker.port) { bridge in
                let answer = try bridge.object("/v1/meters/house/history?register=1_8_1&step=1y")
                #expect(answer["register"] as? String == "1-0:1.8.1" && answer["kind"] as? String == "counter")
                let rows = try #require(answer["rows"] as? [[String: Any]])
                #expect(rows.compactMap { $0["energy"] as? Double }.reduce(0, +) == 0.75)
                #expect(rows.last?["last"] as? Double == 10.75)
                let csv = try bridge.get("/v1/meters/house/history?register=1-0%3A1.7.0&step=1d&format=csv")
                #expect(csv.text.hasPrefix("start,min,mean,max,unit,complete\n"))
                #expect(csv.text.contains(",1000,") && csv.text.contains(",1002,W,false"))
                #expect(csv.headers["content-type"] == "text/csv; charset=utf-8")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/history.db")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `a question that cannot be answered says why`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let folder = try TemporaryDirectory()
            try run(folder, broker: broker.port) { try $0.meter() }
            try run(folder, broker: broker.port) { bridge in
                for (query, status, words) in [
                    ("", 400, "name a register"), ("?register=nonsense", 400, "neither the code nor the alias"),
                    ("?register=1.7.0&step=5m", 400, "is one of 15m, 1h, 1d, 1mo, 1y"),
                    ("?register=1.7.0&from=yesterday", 400, "is a day (2026-11-29)"),
                    ("?register=1.7.0&till=2026-01-01", 400, "unknown parameter"),
                    ("?register=32.7.0", 404, "there is no history of register 1-0:32.7.0"),
                ] {
                    let answer = try bridge.get("/v1/meters/house/history\(query)")
                    #expect(answer.status == status && answer.text.contains(words), "\(query): \(answer.text)")
                }
                let nobody = try bridge.get("/v1/meters/nobody/history?register=1.7.0")
                #expect(nobody.status == 404 && nobody.text.contains("no history of a meter"))
            }
            try run(folder, broker: broker.port, history: "off") { bridge in
                let answer = try bridge.get("/v1/meters/house/history?register=1.7.0")
                #expect(answer.status == 404 && answer.text.contains("write history: on"))
            }
        }
    }

    @Test func `forget deletes the history of a meter`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let folder = try TemporaryDirectory()
            try run(folder, broker: broker.port) { try $0.meter() }
            #expect(try HistoryReader(path: "\(folder.path)/history.db").meterNames == ["house"])
            try run(folder, broker: broker.port) { bridge in
                let forget = try ChildProcess(
                    RunningBridge.program, ["forget", "house", "--config", "\(folder.path)/bridge.yaml"])
                #expect(forget.wait() == 0)
                #expect(bridge.bridge.wait(forLog: "everything of meter house is deleted"))
            }
            #expect(try HistoryReader(path: "\(folder.path)/history.db").meterNames.isEmpty)
        }
    }

    @Test func `a history that cannot be written is a problem in health and holds up nothing`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let folder = try TemporaryDirectory()
            let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/bridge/test/health"])
            try run(folder, broker: broker.port, history: "{file: nowhere/history.db}") { bridge in
                try bridge.meter(17)
                #expect(bridge.bridge.wait(forLog: "nowhere/history.db cannot be written"))
                #expect(output.wait(seconds: 40) { $0.contains { $0.contains("\"history_problem\":\"") } })
            }
        }
    }

    /// Minutes, because a commit comes once a minute: `Scripts/history` runs it.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["OBIS_HISTORY_LONG"] != nil))
    func `a bridge that is killed after its first commit loses no energy`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let folder = try TemporaryDirectory()
            var energy = 1000
            func feed(_ bridge: WebBridge, seconds: Int) throws {
                for _ in 0..<seconds {
                    energy += 7
                    try bridge.send(
                        payload("\(energy / 1000).\(String(energy % 1000 + 1000).dropFirst())", 5, time: ago(0)))
                    Thread.sleep(forTimeInterval: 1)
                }
            }
            let killed = try WebBridge(broker: broker.port, more: "history: on", folder: folder)
            try feed(killed, seconds: 70)
            killed.bridge.process.kill(SIGKILL)
            _ = killed.bridge.process.wait()
            try run(folder, broker: broker.port) { try feed($0, seconds: 5) }
            let rows = try HistoryReader(path: "\(folder.path)/history.db").table(
                meter: "house", register: OBISCode(1, 0, 1, 8, 1), from: Timestamp(seconds: 0),
                to: Timestamp(seconds: 4_000_000_000), step: .quarter
            ).rows
            let sum = rows.compactMap { row -> ExactDecimal? in
                if case .counter(let energy, _, _) = row.content { energy } else { nil }
            }.reduce(ExactDecimal.zero) { $0.adding($1) ?? $0 }
            #expect(sum == ExactDecimal(Int64(energy - 1007), exponent: -3))
            print("history: kill -9 after 70 s, \(sum) of \(sum) kWh kept")
        }
    }
}
