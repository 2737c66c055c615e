// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime
@testable import PlugTest

/// When `health` is published, and that the running bridge publishes it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct HealthReportTests {
    private func pipeline() throws -> Pipeline {
        let problems = ProblemList()
        let loader = ConfigurationLoader(environment: [:], problems: problems)
        let text = "bridge: test\nzone: UTC\nsources: {gplug: {adapter: gplug, labels: gplug-d}}"
        return Pipeline(try #require(loader.load(text, file: "bridge.yaml")).pipelineSettings)
    }

    private let start = ContinuousClock.now
    private let time = Timestamp(seconds: 1_795_217_228)

    private func message(_ payload: String) -> RawMessage {
        RawMessage(topic: "tele/a/SENSOR", payload: Array(payload.utf8), received: time)
    }

    @Test func `it comes at the start and every minute`() throws {
        var report = HealthReport(started: start)
        let pipeline = try pipeline()
        var seconds: [Int] = []
        for second in 0...180 {
            let now = start + .seconds(second)
            if report.publication(of: pipeline, at: time, now: now) != nil { seconds.append(second) }
        }
        #expect(seconds == [0, 60, 120, 180])
    }

    @Test func `what happens meanwhile waits for the minute`() throws {
        var report = HealthReport(started: start)
        var pipeline = try pipeline()
        var seconds: [Int] = []
        for second in 0...120 {
            if (3...40).contains(second) { _ = pipeline.handle(message("{\"z\":{ no json")) }
            let now = start + .seconds(second)
            if report.publication(of: pipeline, at: time, now: now) != nil { seconds.append(second) }
        }
        #expect(seconds == [0, 60, 120])
    }

    @Test func `readings as ever are no change, a problem of the configuration is`() throws {
        var report = HealthReport(started: start)
        var pipeline = try pipeline()
        _ = pipeline.handle(message(#"{"Time":"2026-11-20T23:27:07","z":{"SMid":"A1","Pi":0.412}}"#))
        let first = report.publication(of: pipeline, at: time, now: start)
        #expect(first != nil)
        _ = pipeline.handle(message(#"{"Time":"2026-11-20T23:27:08","z":{"SMid":"A1","Pi":0.413}}"#))
        let second = report.publication(of: pipeline, at: time, now: start + .seconds(20))
        #expect(second == nil)
        let problem = "bridge.yaml:3:5: error: unknown key"
        let health = report.publication(
            of: pipeline, configurationProblem: problem, at: time, now: start + .seconds(21))
        let payload = String(decoding: try #require(health).payload, as: UTF8.self)
        #expect(payload.contains("\"configuration_problem\":\"\(problem)\""))
        #expect(payload.contains("\"rates\":{\"received\":0.04,"))
    }

    @Test func `the running bridge keeps its health on the broker, with the members of the documentation`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            "bridge: test\nzone: UTC\nbroker: mqtt://localhost:\(broker.port)\n"
                + "sources: {gplug: {adapter: gplug, labels: gplug-d}}\n")
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/bridge/test/health"], format: "%r %p")
        #expect(output.wait { !$0.isEmpty }, "\(bridge.log)")
        let line = try #require(output.messages.first)
        let health = try #require(
            JSONSerialization.jsonObject(with: Data(line.dropFirst(2).utf8)) as? [String: Any], "\(line)")
        #expect((health["memory"] as? Int ?? 0) > 1_000_000)
        let page = try #require(DocumentationTests.blocks("json").first { $0.page == "docs/health.md" })
        let shown = try #require(JSONSerialization.jsonObject(with: Data(page.text.utf8)) as? [String: Any])
        #expect(Set(shown.keys) == Set(health.keys))
        #expect(bridge.stop() == 0)
    }

    @Test func `a repair is one line in the log, however often it is made`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            "bridge: test\nzone: UTC\nbroker: mqtt://localhost:\(broker.port)\n"
                + "sources: {collector: {adapter: smartmeter-datacollector, meter: aew-1}}\n")
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/aew-1/reading"])
        // The same message once more would be one that the broker delivers twice.
        for step in 0..<5 {
            try mosquittoPub(port: broker.port, topic: "smartmeter/LGZ1030655900017/VOLTAGE_L1", payload: "236.\(step)")
        }
        #expect(output.wait { $0.count >= 5 }, "\(bridge.log)")
        #expect(bridge.stop() == 0)
        let lines = bridge.log.split(separator: "\n").filter { $0.contains("time.missing") }
        #expect(lines.count == 1, "\(bridge.log)")
        #expect(
            lines.first?.hasSuffix(
                "info: meter aew-1: time.missing: substituted time, used the time of arrival (source \"collector\")")
                == true)
    }
}
