// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What `forget` clears of the outputs.
@Suite struct OutputForgetTests {
    /// Every output there is, a new one too; a template with what it cannot be without.
    private let outputs: String = {
        let template = "template: {topic: 'x/{{meter}}', payload: '{{power_import}}', retain: true}"
        return "[" + Outputs.names.map { $0 == "template" ? template : $0 }.joined(separator: ", ") + "]"
    }()

    private func forget(_ pipeline: inout TestPipeline) -> [Publication] {
        pipeline.pipeline.command(Command(.forget, meter: "1", request: "r").payload, at: pipeline.now)
    }

    @Test func `every retained topic of every output is cleared`() throws {
        var pipeline = try TestPipeline(outputs: outputs)
        let sent = pipeline.send("in/a", "id=1 t=1795217228 gas=1:G9 1-0:1.8.0=9kWh 1-0:1.7.0=5W 0-1:24.2.1=5m3")
        let kept = Set(sent.filter { $0.isRetained && !$0.topic.contains("/bridge/") }.topics)
        let out = forget(&pipeline)
        #expect(kept.count > 10)
        #expect(kept.subtracting(out.filter { $0.payload.isEmpty && $0.isRetained }.topics).isEmpty)
    }

    @Test func `what an earlier run left is cleared too`() throws {
        var first = try TestPipeline(outputs: outputs)
        let sent = first.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9kWh 1-0:1.7.0=5W").filter(\.isRetained)
        var second = try TestPipeline(outputs: outputs)
        for publication in sent {
            _ = second.pipeline.restore(
                RawMessage(topic: publication.topic, payload: publication.payload, received: second.now))
        }
        let out = forget(&second)
        #expect(out.payload(on: "homeassistant/device/obis_1/config") == "")
        #expect(out.payload(on: "meters/1/energy_import") == "")
        #expect(out.payload(on: "homie/5/1/registers/1-0-1-8-0") == "")
    }

    @Test func `other meters keep what they have`() throws {
        var pipeline = try TestPipeline(outputs: outputs)
        _ = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9kWh")
        _ = pipeline.send("in/b", "id=2 t=1795217228 1-0:1.8.0=9kWh")
        #expect(!forget(&pipeline).topics.contains { $0.contains("/2/") || $0.contains("obis_2") })
    }
}
