// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Which meter a message is from.
@Suite struct IdentityTests {
    @Test func `messages without an id wait for one and inherit it`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(separateID: true)])
        #expect(pipeline.send("in/g", "1-0:1.7.0=1W").isEmpty)
        #expect(pipeline.pipeline.hasOpenGroups)
        let bound = pipeline.send("in/g", "id=10000021 1-0:1.7.0=2W", after: 300)
        #expect(bound.meters == ["10000021", "10000021"])
        #expect(bound.rules == [["time.missing"], ["time.missing"]])
        #expect(pipeline.send("in/g", "1-0:1.7.0=3W", after: 300).meters == ["10000021"])
    }

    @Test func `one that never comes is replaced by the device's name`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(separateID: true)])
        _ = pipeline.send("in/gPlug11", "1-0:1.7.0=1W")
        let named = pipeline.wait(2000)
        #expect(named.meters.count == 1)
        #expect(named.meters[0].hasPrefix("gplug11-"))
        #expect(named.rules == [["id.missing", "time.missing"]])
    }

    @Test func `an id that comes later takes over what the name had`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(separateID: true)])
        _ = pipeline.send("in/g", "1-0:1.7.0=1W 1-0:1.8.0=5kWh")
        let named = pipeline.wait(2000)
        let name = try #require(named.meters.first)
        let bound = pipeline.send("in/g", "id=42 1-0:1.7.0=2W", after: 5000)
        let cleared = bound.filter { $0.payload.isEmpty && $0.isRetained }.map(\.topic)
        #expect(cleared.contains("harmonized/v1/meter/\(name)/state"))
        #expect(cleared.contains("harmonized/v1/meter/\(name)/obis/1-0:1.8.0"))
        #expect(bound.meters == ["42"])
        #expect(bound.payloads("42/state").last?.contains("\"1-0:1.8.0\":{\"value\":5,\"unit\":\"kWh\"") == true)
    }

    @Test func `equal placeholders of two sources are two meters`() throws {
        var pipeline = try TestPipeline([
            TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+"),
        ])
        let one = pipeline.send("a/x", "id=12345 t=1795217228 1-0:1.7.0=1W")
        let two = pipeline.send("b/x", "id=12345 t=1795217228 1-0:1.7.0=1W")
        #expect(one.meters != two.meters)
        #expect(one.rules == [["id.placeholder"]] && two.rules == [["id.placeholder"]])
    }

    @Test func `the user's id wins and the fix names its line`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(meter: "aew-1")])
        let reading = try #require(pipeline.send("in/x", "id=12345 t=1795217228 1-0:1.7.0=1W").readings.first)
        let fix = try #require((reading["fixes"] as? [[String: Any]])?.first)
        #expect(fix["rule"] as? String == "id.placeholder")
        #expect(fix["original"] as? String == "12345")
        #expect(fix["with"] as? String == "aew-1")
        #expect(fix["by"] as? String == "bridge.yaml:7")
        #expect(fix["level"] as? String == "repair")
    }

    @Test func `the table of meters joins ids`() throws {
        let entry = MeterEntry(id: "haus", name: "Hausanschluss", rawIDs: ["10000021", "LGZ1"], place: "bridge.yaml:9")
        var pipeline = try TestPipeline([TestPipeline.source()], meters: [entry])
        #expect(pipeline.send("in/a", "id=3130303030303231 t=1795217228 1-0:1.7.0=1W").meters == ["haus"])
        let second = pipeline.send("in/b", "id=LGZ1 t=1795217228 1-0:1.7.0=1W")
        #expect(second.meters == ["haus"])
        #expect(second.payloads("haus/info").last?.contains("\"name\":\"Hausanschluss\"") ?? true)
    }

    @Test func `of two sources for one meter the first feeds the state`() throws {
        var pipeline = try TestPipeline([
            TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+"),
        ])
        _ = pipeline.send("a/x", "id=1 t=1795217228 1-0:1.8.0=5kWh")
        let other = pipeline.send("b/x", "id=1 t=1795217229 1-0:1.8.0=7kWh", after: 1000)
        #expect(other.readings.count == 1)
        #expect(other.payloads("/state").isEmpty)
        let standIn = pipeline.send("b/x", "id=1 t=1795217329 1-0:1.8.0=8kWh", after: 100_000)
        #expect(standIn.payloads("/state").last?.contains("\"value\":8") == true)
        let next = pipeline.send("b/x", "id=1 t=1795217330 1-0:1.8.0=9kWh", after: 1000)
        #expect(next.payloads("/state").last?.contains("\"value\":9") == true, "the stand-in silenced itself")
    }

    @Test func `a restart remembers which device is which meter and what it knew`() throws {
        var first = try TestPipeline([TestPipeline.source(separateID: true)])
        let early = first.send("in/g", "id=42 t=1795217228 1-0:1.7.0=2W 1-0:1.8.0=5.25kWh 0-0:96.14.0=T1")
        let kept = first.send("in/g", "t=1795217229 1-0:1.7.0=3W", after: 1000)
        var second = try TestPipeline([TestPipeline.source(separateID: true)])
        for publication in early + kept where publication.isRetained {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        second.now = first.now
        let after = second.send("in/g", "t=1795217230 1-0:1.7.0=4W", after: 1000)
        #expect(after.meters == ["42"])
        #expect(after.rules == [[]])
        let state = after.object(try #require(after.payloads("/state").last))
        let before = kept.object(try #require(kept.payloads("/state").last))
        #expect(
            (state["registers"] as? [String: Any])?.keys.sorted()
                == (before["registers"] as? [String: Any])?.keys.sorted())
        #expect(after.topics.allSatisfy { !$0.hasSuffix("obis/1-0:1.8.0") }, "an unchanged counter was published again")
    }
}
