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

    @Test func `a pinned device says of each message what that message needed`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(meter: "aew-1")])
        let rules = [
            pipeline.send("in/x", "t=1795217228 1-0:1.7.0=1W").rules,
            pipeline.send("in/x", "id=12345 t=1795217229 1-0:1.7.0=1W").rules,
            pipeline.send("in/x", "t=1795217230 1-0:1.7.0=1W").rules,
            pipeline.send("in/x", "id=10487029 t=1795217231 1-0:1.7.0=1W").rules,
            pipeline.send("in/x", "t=1795217232 1-0:1.7.0=1W").rules,
            pipeline.send("in/x", "id=12345 t=1795217233 1-0:1.7.0=1W").rules,
        ]
        #expect(rules == [[["id.missing"]], [["id.placeholder"]], [["id.missing"]], [[]], [[]], [["id.placeholder"]]])
    }

    @Test func `a placeholder in the table of meters is still said`() throws {
        let entry = MeterEntry(id: "haus", name: nil, rawIDs: ["12345"], place: "bridge.yaml:9")
        var pipeline = try TestPipeline([TestPipeline.source()], meters: [entry])
        let out = pipeline.send("in/a", "id=12345 t=1795217228 1-0:1.7.0=1W")
        #expect(out.meters == ["haus"])
        #expect(
            out.payloads("/reading")[0].contains(
                "{\"rule\":\"id.placeholder\",\"level\":\"repair\",\"fields\":[\"meter\"],\"action\":\"substitute\","
                    + "\"original\":\"12345\",\"with\":\"haus\",\"by\":\"bridge.yaml:9\"}"))
    }

    @Test func `the table wins over the payload and the pin over the table`() throws {
        let entry = MeterEntry(id: "haus", name: nil, rawIDs: ["LGZ1"], place: "bridge.yaml:9")
        var pinned = try TestPipeline([TestPipeline.source(meter: "pin")], meters: [entry])
        let out = pinned.send("in/a", "id=LGZ1 t=1795217228 1-0:1.7.0=1W")
        #expect(out.meters == ["pin"] && out.rules == [[]])
        #expect(out.payloads("/info")[0].contains("{\"kind\":\"id.alias\",\"from\":\"LGZ1\",\"by\":\"bridge.yaml:7\"}"))
        #expect(out.payloads("/info")[0].contains("\"serial\":\"LGZ1\""))
    }

    @Test func `a filler with and without an id message in between stays one meter`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        let words = ["", "id=0000 ", "", "id=12345 ", "id=FFFF ", ""]
        let meters = words.flatMap { pipeline.send("in/gPlug11", "\($0)t=1795217228 1-0:1.7.0=1W").meters }
        #expect(meters.count == 6 && Set(meters).count == 1 && meters[0].hasPrefix("gplug11-"))
    }

    @Test func `a topic that holds the filler gives way to the name of the source`() throws {
        var pipeline = try TestPipeline([TestPipeline.source("aew-450", filter: "smartmeter/+")])
        let out = pipeline.send("smartmeter/12345", "id=12345 t=1795217228 1-0:1.7.0=1W")
        #expect(out.meters[0].hasPrefix("aew-450-"))
    }

    @Test func `the profile may leave placeholders as they are`() throws {
        for (policy, rules) in [("flag", ["id.placeholder"]), ("off", [])] {
            var pipeline = try TestPipeline([TestPipeline.source()], profile: "fixes: {id.placeholder: \(policy)}")
            let out = pipeline.send("in/a", "id=12345 t=1795217228 1-0:1.7.0=1W")
            #expect(out.meters == ["12345"] && out.rules == [rules])
            #expect(
                pipeline.send("in/b", "id= t=1795217228 1-0:1.7.0=1W").meters[0].hasPrefix("b-"), "nothing to leave")
        }
    }

    @Test func `a name that gets its id clears only what the broker keeps`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(separateID: true)])
        _ = pipeline.send("in/g", "gas=1 model=KFM 1-0:1.7.0=1W 1-0:1.8.0=5kWh 0-1:24.2.1=3m3")
        let named = pipeline.wait(2000)
        let name = try #require(named.meters.first)
        let kept = Set(named.filter { $0.isRetained && $0.topic.contains("/meter/\(name)/") }.map(\.topic))
        let bound = pipeline.send("in/g", "id=42 1-0:1.7.0=2W", after: 5000)
        let cleared = bound.filter(\.payload.isEmpty)
        #expect(cleared.allSatisfy { $0.isRetained })
        #expect(Set(cleared.map(\.topic)) == kept)
        #expect(!cleared.contains { $0.topic.contains("/value/") || $0.topic.hasSuffix("1-0:1.7.0") })
        #expect(bound.payloads("42/state")[0].contains("\"gas\":3"))
        #expect(bound.payloads("42/info")[0].contains("\"manufacturer\":\"KFM\""))
        #expect(pipeline.send("in/g", "1-0:1.7.0=3W", after: 1000).filter(\.payload.isEmpty).isEmpty, "once")
    }

    @Test func `a name of an earlier run is cleared when the id comes`() throws {
        var first = try TestPipeline([TestPipeline.source(separateID: true)])
        _ = first.send("in/g", "1-0:1.8.0=5kWh")
        let kept = first.wait(2000).filter(\.isRetained)
        var second = try TestPipeline([TestPipeline.source(separateID: true)])
        for publication in kept {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        let bound = second.send("in/g", "id=42 t=1795217300 1-0:1.7.0=2W", after: 60_000)
        #expect(Set(bound.filter(\.payload.isEmpty).map(\.topic)) == Set(kept.map(\.topic)))
        #expect(bound.meters == ["42"] && bound.payloads("42/state")[0].contains("\"1-0:1.8.0\""))
    }

    @Test func `an odd id in a payload stays one level of a topic`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(filter: "in/#")])
        for id in [
            "/dev/ttyUSB0", "a/b", "+", "#", "$SYS", "a\u{0}b", "é", "../..", "A b", "\u{202e}",
            String(repeating: "9", count: 120),
        ] {
            let payload = "id=\(id.replacing(" ", with: "\u{a0}")) t=1795217228 1-0:1.7.0=1W"
            let out = pipeline.send("in/x", payload)
            #expect(!out.isEmpty)
            for topic in out.topics {
                let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
                #expect(levels.prefix(3) == ["harmonized", "v1", "meter"] && levels[3].utf8.count <= 64)
                #expect(topic.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x2b && $0 != 0x23 && $0 != 0x24 })
            }
        }
    }

    @Test func `the last will of the second reader leaves the meter online`() throws {
        var pipeline = try TestPipeline([
            TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+"),
        ])
        _ = pipeline.send("a/x", "id=1 t=1795217228 1-0:1.7.0=5W")
        _ = pipeline.send("b/x", "id=1 t=1795217228 1-0:1.7.0=5W")
        #expect(pipeline.send("b/x", "offline", after: 1000).isEmpty)
        #expect(pipeline.send("a/x", "offline", after: 1000).payloads("1/availability") == ["offline"])
    }

    @Test func `a payload may name devices within its source`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(separateID: true)])
        #expect(pipeline.send("in/hub", "device=one 1-0:1.7.0=1W").isEmpty)
        #expect(pipeline.send("in/hub", "device=two id=2 1-0:1.7.0=1W").meters == ["2"])
        #expect(pipeline.send("in/hub", "device=one id=1 1-0:1.7.0=1W").meters == ["1", "1"])
        #expect(!pipeline.pipeline.hasOpenGroups)
    }
}
