// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// A changed configuration takes over in the midst of everything.
@Suite struct ReloadTests {
    private func settings(
        _ sources: [Source], meters: [MeterEntry] = [], profile: String = "{}"
    ) throws -> Pipeline.Settings {
        try TestPipeline(sources, meters: meters, profile: profile).pipeline.settings
    }

    private func cleared(_ publications: [Publication]) -> [String] {
        publications.filter { $0.payload.isEmpty && $0.isRetained }.map(\.topic)
    }

    private let reading = "id=42 t=1795217228 1-0:1.7.0=1W 1-0:1.8.0=5kWh"

    @Test func `an unchanged configuration changes nothing`() throws {
        let sources = [TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+", meter: "b-1")]
        var pipeline = try TestPipeline(sources)
        _ = pipeline.send("a/x", reading)
        _ = pipeline.send("b/x", reading)
        #expect(pipeline.pipeline.reload(try settings(sources), at: pipeline.now).isEmpty)
        let next = pipeline.send("a/x", "id=42 t=1795217238 1-0:1.7.0=2W", after: 10_000)
        #expect(next.meters == ["42"])
        #expect(next.payloads("42/state").last?.contains("\"1-0:1.8.0\":{\"value\":5") == true)
        // The broker has its `info` and its availability already.
        #expect(!next.topics.contains { $0.hasSuffix("/availability") })
    }

    @Test func `what a source that is gone had on the broker is cleared, and the others' is not`() throws {
        let (a, b) = (TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+", meter: "b-1"))
        var pipeline = try TestPipeline([a, b])
        _ = pipeline.send("a/x", reading)
        _ = pipeline.send("b/x", reading)
        let publications = pipeline.pipeline.reload(try settings([b]), at: pipeline.now)
        #expect(
            cleared(publications) == [
                "harmonized/v1/meter/42/availability", "harmonized/v1/meter/42/info",
                "harmonized/v1/meter/42/obis/1-0:1.8.0", "harmonized/v1/meter/42/state",
            ])
        #expect(publications.count == 4)
        #expect(pipeline.send("a/x", reading).isEmpty)
        #expect(pipeline.send("b/x", "t=1795217229 1-0:1.7.0=3W", after: 1000).meters == ["b-1"])
    }

    @Test func `a meter that comes back is published anew with its counters`() throws {
        let source = TestPipeline.source("a", filter: "a/+")
        var pipeline = try TestPipeline([source])
        _ = pipeline.send("a/x", reading)
        _ = pipeline.pipeline.reload(try settings([TestPipeline.source("c", filter: "c/+")]), at: pipeline.now)
        _ = pipeline.pipeline.reload(try settings([source]), at: pipeline.now)
        let back = pipeline.send("a/x", "id=42 t=1795217238 1-0:1.7.0=2W", after: 10_000)
        #expect(back.payloads("42/state").last?.contains("\"1-0:1.8.0\":{\"value\":5") == true)
        #expect(back.payloads("42/availability") == ["online"])
        #expect(back.payloads("42/info").count == 1)
    }

    @Test func `an open group goes on over a reload`() throws {
        let sources = [TestPipeline.source()]
        var pipeline = try TestPipeline(sources)
        #expect(pipeline.send("in/x", "part id=42 t=1795217228 1-0:1.7.0=1W").readings.isEmpty)
        let other = try settings(sources + [TestPipeline.source("new", filter: "new/+")])
        #expect(pipeline.pipeline.reload(other, at: pipeline.now).isEmpty)
        #expect(pipeline.pipeline.hasOpenGroups)
        _ = pipeline.send("in/x", "part id=42 t=1795217228 1-0:1.8.0=5kWh", after: 10)
        #expect(
            pipeline.wait(3000).registers.filter { $0.key != "1-0:16.7.0" } == ["1-0:1.7.0": "1", "1-0:1.8.0": "5"])
    }

    @Test func `what a source that is gone has open is published before it goes`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        _ = pipeline.send("in/x", "part id=42 t=1795217228 1-0:1.7.0=1W")
        let other = try settings([TestPipeline.source("new", filter: "new/+")])
        let publications = pipeline.pipeline.reload(other, at: pipeline.now)
        #expect(publications.readings.count == 1)
        #expect(cleared(publications).contains("harmonized/v1/meter/42/state"))
        #expect(!pipeline.pipeline.hasOpenGroups)
    }

    @Test func `a telegram that is read differently from now on is given up, and the next one is read`() throws {
        var source = TestPipeline.source()
        var pipeline = try TestPipeline([source])
        _ = pipeline.send("in/x", "open")
        source.format = "other labels"
        let publications = pipeline.pipeline.reload(try settings([source]), at: pipeline.now)
        #expect(publications.topics == ["harmonized/v1/bridge/test/reject"])
        #expect(pipeline.send("in/x", reading).meters == ["42"])
    }

    @Test func `a telegram that is read as before stays open`() throws {
        let source = TestPipeline.source()
        var pipeline = try TestPipeline([source])
        _ = pipeline.send("in/x", "open")
        #expect(pipeline.pipeline.reload(try settings([source]), at: pipeline.now).isEmpty)
        #expect(pipeline.pipeline.hasOpenGroups)
    }

    @Test func `a meter whose id the user changed goes on under the new one`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(meter: "old")])
        _ = pipeline.send("in/x", reading)
        let publications = pipeline.pipeline.reload(try settings([TestPipeline.source(meter: "new")]), at: pipeline.now)
        #expect(cleared(publications).contains("harmonized/v1/meter/old/state"))
        #expect(cleared(publications).contains("harmonized/v1/meter/old/obis/1-0:1.8.0"))
        #expect(publications.payloads("new/state").last?.contains("\"1-0:1.8.0\":{\"value\":5") == true)
        #expect(publications.payloads("new/obis/1-0:1.8.0") == ["5"])
        #expect(pipeline.send("in/x", "t=1795217238 1-0:1.7.0=2W", after: 10_000).meters == ["new"])
    }

    @Test func `the table of meters names a meter that is running`() throws {
        let source = TestPipeline.source()
        var pipeline = try TestPipeline([source])
        _ = pipeline.send("in/x", reading)
        let table = [MeterEntry(id: "house", name: "House", rawIDs: ["42"], place: "bridge.yaml:9")]
        let publications = pipeline.pipeline.reload(try settings([source], meters: table), at: pipeline.now)
        #expect(cleared(publications).contains("harmonized/v1/meter/42/state"))
        #expect(publications.payloads("house/state").last?.contains("\"name\":\"House\"") == true)
        #expect(pipeline.send("in/x", "1-0:1.7.0=2W", after: 10_000).meters == ["house"])
    }

    @Test func `a source by another name is the same devices`() throws {
        var pipeline = try TestPipeline([TestPipeline.source("old")])
        _ = pipeline.send("in/x", reading)
        let publications = pipeline.pipeline.reload(try settings([TestPipeline.source("new")]), at: pipeline.now)
        #expect(publications.topics == ["harmonized/v1/meter/42/info"])
        #expect(publications.payloads("42/info").last?.contains("\"name\":\"new\"") == true)
        #expect(pipeline.send("in/x", "1-0:1.7.0=2W", after: 10_000).meters == ["42"])
    }

    @Test func `another alias moves the value, topics switched off are cleared`() throws {
        let source = TestPipeline.source()
        var pipeline = try TestPipeline([source], profile: "topics: {value: {enabled: true}}")
        _ = pipeline.send("in/x", reading)
        let profile = """
            topics: {value: {enabled: true}, state: {enabled: false}}
            registers: {"1-0:1.8.0": {alias: imported}}
            """
        let publications = pipeline.pipeline.reload(try settings([source], profile: profile), at: pipeline.now)
        #expect(cleared(publications).contains("harmonized/v1/meter/42/state"))
        #expect(cleared(publications).count { $0.contains("/value/") } == 1)
        #expect(publications.payloads("42/value/imported") == ["5"])
        #expect(!cleared(publications).contains { $0.contains("/obis/") })
    }

    @Test func `a broker that forgot gets everything it kept`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        let published = pipeline.send("in/x", reading).filter(\.isRetained)
        #expect(pipeline.pipeline.meterCount == 1)
        #expect(Set(pipeline.pipeline.retained(ofMeter: 0).topics) == Set(published.topics))
        #expect(pipeline.pipeline.retained(ofMeter: 1).isEmpty)
    }
}
