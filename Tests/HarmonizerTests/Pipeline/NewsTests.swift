// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What a running bridge tells while all is well, and once when it is not.
@Suite struct NewsTests {
    private func pipeline(_ sources: [Source] = [TestPipeline.source()], meters: [MeterEntry] = []) throws
        -> TestPipeline
    {
        var pipeline = try TestPipeline(sources, meters: meters)
        pipeline.pipeline.tellsNews = true
        return pipeline
    }

    private func log(_ pipeline: inout TestPipeline) -> [String] {
        pipeline.pipeline.takeDiagnostics().map { "\($0.level == .warning ? "warning" : "info"): \($0)" }
    }

    @Test func `a meter is told once, with its name, its registers and where they came from`() throws {
        let entry = MeterEntry(id: "house", name: "House connection", rawIDs: ["42"], place: "bridge.yaml:9")
        var pipeline = try pipeline(meters: [entry])
        _ = pipeline.send("in/a", "id=42 t=1795217228 1-0:1.8.0=9kWh 1-0:1.7.0=5W")
        #expect(
            log(&pipeline) == [
                "info: the source \"src\" sends",
                "info: meter house (House connection): first reading, 2 registers (source \"src\", in/a)",
            ])
        _ = pipeline.send("in/a", "id=42 t=1795217238 1-0:1.8.0=9kWh 1-0:1.7.0=5W", after: 10_000)
        #expect(log(&pipeline).isEmpty)
    }

    @Test func `it is told when the last source sends, also long after the start`() throws {
        var pipeline = try pipeline([
            TestPipeline.source("one", filter: "one/+"), TestPipeline.source("two", filter: "two/+"),
        ])
        _ = pipeline.wait(0)
        _ = pipeline.send("one/a", "kind=other")
        #expect(log(&pipeline).isEmpty)
        _ = pipeline.wait(61_000)
        #expect(
            log(&pipeline) == ["warning: source \"two\": nothing on two/+ for 60 s; run obis-bridge discover"])
        _ = pipeline.send("two/a", "kind=other", after: 600_000)
        #expect(log(&pipeline) == ["info: all 2 sources send"])
        _ = pipeline.wait(61_000)
        #expect(log(&pipeline).isEmpty)
    }

    @Test func `the first reject of a kind is told with its topic, then ever more seldom`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "bad")
        #expect(
            log(&pipeline) == [
                "info: the source \"src\" sends",
                "warning: source \"src\": payload.unexpected on in/a: bad, at byte 3; published on "
                    + "harmonized/v1/bridge/test/reject",
            ])
        for _ in 2...250 { _ = pipeline.send("in/a", "bad", after: 100) }
        #expect(
            log(&pipeline) == [
                "warning: source \"src\": payload.unexpected: 10 messages so far",
                "warning: source \"src\": payload.unexpected: 100 messages so far",
            ])
    }

    @Test func `a meter that falls silent is told, and that it is back`() throws {
        var pipeline = try pipeline()
        _ = pipeline.wait(0)
        _ = pipeline.send("in/a", "id=42 t=1795217228 1-0:1.7.0=5W")
        _ = log(&pipeline)
        _ = pipeline.wait(600_000)
        #expect(log(&pipeline) == ["warning: meter 42: offline, the last reading came 600 s ago"])
        _ = pipeline.send("in/a", "id=42 t=1795217838 1-0:1.7.0=5W", after: 10_000)
        #expect(log(&pipeline) == ["info: meter 42: online again"])
        for _ in 1...30 {
            for _ in 1...20 {
                _ = pipeline.send("in/a", "id=42 t=\(pipeline.now.seconds) 1-0:1.7.0=5W", after: 5000)
            }
            _ = pipeline.wait(3_600_000)
        }
        // The second and the third time, and the tenth.
        #expect(log(&pipeline).count { $0.contains("offline") } == 3)
    }

    @Test func `a grid operator's table is not told meter by meter`() throws {
        var pipeline = try pipeline()
        for meter in 3001...3200 { _ = pipeline.send("in/m\(meter)", "id=\(meter) t=1795217228 1-0:1.7.0=5W") }
        let lines = log(&pipeline)
        #expect(lines.count == 52, "\(lines.filter { !$0.contains("first reading") })")
        #expect(lines.last == "info: 50 meters heard: further meters are counted in health, and not logged")
    }

    @Test func `a command that reads one payload is told nothing of it`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = pipeline.send("in/a", "id=42 t=1795217228 1-0:1.7.0=5W")
        _ = pipeline.send("in/a", "bad")
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
    }
}
