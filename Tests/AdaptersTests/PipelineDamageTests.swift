// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import TestSupport
import Testing

/// Random damage to everything that any adapter reads, through the whole pipeline. `Scripts/fuzz` does the same for longer.
@Suite struct PipelineDamageTests {
    /// A meter that no fixture knows: its counters are judged against its own only.
    private static let good = P1Sample.telegram(
        P1Sample.lines.map { $0.hasPrefix("0-0:96.1.1") ? "0-0:96.1.1(4530303939303030393939393939393939)" : $0 })

    private static func pipeline() throws -> Pipeline {
        let sources = AdapterRegistry.all.map { name, make in
            let adapter = make(AdapterOptions())
            let filters = ["\(name)/#"] + adapter.defaultFilters
            return Source(name: name, adapter: adapter, filters: filters.compactMap { TopicPattern($0) }, zone: .utc)
        }
        return Pipeline(Pipeline.Settings(bridge: "test", profile: try Profile(), sources: sources))
    }

    /// Topic and payload of every fixture, the topic below the adapter's name where the adapter does not read it.
    private static let shapes: [(topic: String, payload: [UInt8])] = Fixture.all.flatMap { fixture in
        fixture.steps.compactMap { step in
            step.message.map { ($0.topic.isEmpty ? "\(fixture.adapter)/x" : $0.topic, $0.payload) }
        }
    }

    @Test(arguments: 0..<6) func `after any damage the next good telegram is published`(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        var pipeline = try Self.pipeline()
        var now = Timestamp(seconds: 1_795_217_228)
        for round in 0..<400 {
            let (topic, payload) = try #require(Self.shapes.randomElement(using: &random))
            let message = RawMessage(
                topic: topic, payload: payload.damaged(marks: #"(!/*)\{}[]:,"+#"#, using: &random),
                isRetained: round % 16 == 0, received: now)
            check(pipeline.handle(message))
            now += .milliseconds(Int64.random(in: 0...3000, using: &random))
            check(pipeline.advance(to: now))
            guard round % 50 == 49 else { continue }
            check(pipeline.flush(at: now))
            #expect(!pipeline.hasOpenGroups)
            // The sample's own time is old: what counts is that its registers come.
            let published = pipeline.handle(RawMessage(topic: "p1/good", payload: Self.good, received: now))
            let reading = published.first { $0.topic.hasSuffix("/reading") }.map {
                String(decoding: $0.payload, as: UTF8.self)
            }
            #expect(reading?.contains(#""1-0:1.8.1":{"value":2131.115,"unit":"kWh""#) == true, "\(reading ?? "none")")
        }
    }

    /// Whatever a payload says, it adds no topic level and no wildcard, and nothing leaves the bridge's own topics.
    private func check(_ publications: [Publication]) {
        for publication in publications {
            let levels = publication.topic.split(separator: "/", omittingEmptySubsequences: false)
            #expect(publication.topic.hasPrefix("harmonized/v1/") && levels.count <= 6 && !levels.contains(""))
            #expect(!publication.topic.contains { "+#\0".contains($0) })
        }
    }
}
