// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

/// What the bridge says about itself and its worst meters, and what it tells about repairs.
@Suite struct HealthTests {
    private func health(_ pipeline: TestPipeline, _ facts: ProcessFacts) throws -> [String: Any] {
        let publication = try #require(pipeline.pipeline.health(facts, at: pipeline.now))
        #expect(publication.topic == "harmonized/v1/bridge/test/health" && publication.isRetained)
        return try #require(JSONSerialization.jsonObject(with: Data(publication.payload)) as? [String: Any])
    }

    private let facts = ProcessFacts(uptime: .seconds(61), memory: 20_000_000, earlier: nil)

    @Test func `what came, what became of it and what was repaired is counted`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W")
        _ = pipeline.send("in/a", "id=1 1-0:1.7.0=5W")
        _ = pipeline.send("in/b", "id=2 1-0:1.7.0=5W 1-0:1.8.0=-1kWh")
        _ = pipeline.send("in/a", "bad")
        _ = pipeline.send("in/a", "kind=state")
        _ = pipeline.send("in/a", "id=1 t=1795217228 label=Pimp 1-0:1.7.0=5W")
        let object = try health(pipeline, facts)
        #expect(object["uptime"] as? Int == 61 && object["memory"] as? Int == 20_000_000)
        #expect(object["received"] as? Int == 6 && object["readings"] as? Int == 4)
        #expect(object["ignored"] as? [String: Int] == ["state": 1])
        #expect(object["rejected"] as? [String: Int] == ["payload.unexpected": 1])
        let fixes = try #require(object["fixes"] as? [String: Int])
        #expect(fixes["time.missing"] == 2 && fixes["value.dropped"] == 1)
        #expect(object["unknown_labels"] as? Int == 0 || object["unknown_labels"] as? Int == 1)
        #expect(object["meters"] as? [String: Int] == ["known": 2, "online": 2])
        #expect(object["configuration_problem"] == nil)
        // Doubts weigh more than repairs.
        let worst = try #require(object["worst"] as? [[String: Any]])
        #expect(worst.map { $0["meter"] as? String } == ["2", "1"])
        #expect(worst[0]["readings"] as? Int == 1)
        #expect((worst[0]["fixes"] as? [String: Int])?["value.dropped"] == 1)
        // The message that was not understood came from the reader of meter 1.
        #expect(worst[0]["rejected"] == nil && worst[1]["rejected"] as? Int == 1)
        #expect(object["dropped"] as? Int == 0)
    }

    @Test func `rates are per second since the last time`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        let before = pipeline.pipeline.counters
        for _ in 0..<30 { _ = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W") }
        let facts = ProcessFacts(
            uptime: .zero, memory: nil, earlier: (before, .minutes(1)), configurationProblem: "bridge.yaml:3")
        let object = try health(pipeline, facts)
        let publication = try #require(pipeline.pipeline.health(facts, at: pipeline.now))
        #expect(
            String(decoding: publication.payload, as: UTF8.self).contains(
                "\"rates\":{\"received\":0.5,\"readings\":0.5,"))
        #expect(object["memory"] == nil && object["configuration_problem"] as? String == "bridge.yaml:3")
    }

    @Test func `of many meters the twenty worst are named`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        for meter in 1...50 {
            for _ in 0..<meter { _ = pipeline.send("in/\(meter)", "id=A\(meter) 1-0:1.7.0=5W") }
        }
        let worst = try #require(try health(pipeline, facts)["worst"] as? [[String: Any]])
        #expect(worst.map { $0["meter"] as? String } == (31...50).reversed().map { "a\($0)" })
    }

    @Test func `a profile may switch it off`() throws {
        let pipeline = try TestPipeline([TestPipeline.source()], profile: "topics: {health: false}")
        #expect(pipeline.pipeline.health(facts, at: pipeline.now) == nil)
    }

    @Test func `a repair is told once a meter, with what was sent`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        for _ in 0..<50 {
            _ = pipeline.send("in/a", "id=1 1-0:1.7.0=5W 1-0:1.8.0=-1kWh", after: 10_000)
            _ = pipeline.send("in/b", "id=2 t=1795217228 1-0:1.7.0=5W")
        }
        let sentences = pipeline.pipeline.takeDiagnostics().map { "\($0.level) \($0)" }
            .filter { $0.contains("meter 1:") }.sorted()
        #expect(
            sentences == [
                "info meter 1: time.missing: substituted time, used the time of arrival (source \"src\")",
                "warning meter 1: value.dropped: left out 1-0:1.8.0, sent -1 (source \"src\")",
            ])
    }

    @Test func `a meter that needs nothing is not talked about`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        for second in 0..<50 {
            _ = pipeline.send("in/a", "id=1 t=\(1_795_217_228 + second) 1-0:1.7.0=5W", after: 1000)
        }
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
        let worst = try health(pipeline, facts)["worst"] as? [Any]
        #expect(worst?.isEmpty == true)
    }
}
