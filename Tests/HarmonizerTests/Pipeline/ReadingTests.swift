// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What becomes of values, times and registers.
@Suite struct ReadingTests {
    private func pipeline(_ profile: String = "{}", zone: Zone = .utc) throws -> TestPipeline {
        try TestPipeline([TestPipeline.source(zone: zone)], profile: profile)
    }

    @Test func `Wh and kWh, B channels and unknown codes`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send(
            "in/a", "id=1 t=1795217228 1-1:1.8.0=25149419Wh 1-0:2.8.0=12.5kWh 1-0:199.7.0=3furlong 0-0:96.14.0=2")
        let registers = try #require(out.readings.first?["registers"] as? [String: [String: Any]])
        #expect(out.payloads("/reading")[0].contains("\"1-0:1.8.0\":{\"value\":25149.419,\"unit\":\"kWh\"}"))
        #expect(registers["1-0:199.7.0"]?["unit"] as? String == "furlong")
        #expect(registers["0-0:96.14.0"]?["unit"] == nil)
        let info = out.payloads("/info")[0]
        #expect(info.contains("{\"kind\":\"channel\",\"from\":\"1-1:1.8.0\",\"to\":\"1-0:1.8.0\"}"))
        #expect(info.contains("{\"kind\":\"unit\",\"field\":\"1-0:1.8.0\",\"from\":\"Wh\",\"to\":\"kWh\"}"))
        #expect(pipeline.send("in/a", "id=1 t=1795217229 1-1:1.8.0=25149420Wh").payloads("/info").isEmpty, "said twice")
    }

    @Test func `a missing, unset or impossible time is the arrival`() throws {
        var pipeline = try pipeline()
        let missing = pipeline.send("in/a", "id=1 1-0:1.7.0=1W")
        #expect(missing.readings[0]["time"] as? String == "2026-11-20T23:27:08Z")
        #expect(missing.readings[0]["time_source"] as? String == "bridge")
        #expect(missing.rules == [["time.missing"]])
        let unset = pipeline.send("in/a", "id=1 local=1970-01-01T00:00:09 1-0:1.7.0=1W", after: 1000)
        #expect(unset.rules == [["time.unsynced"]])
        #expect(unset.payloads("/reading")[0].contains("\"original\":\"1970-01-01T00:00:09\",\"with\":\"received\""))
        let good = pipeline.send("in/a", "id=1 t=1795217300 1-0:1.7.0=1W", after: 1000)
        #expect(good.rules == [[]] && good.readings[0]["time_source"] as? String == "meter")
    }

    @Test func `the profile decides what a repair does`() throws {
        var flagged = try pipeline("fixes: {time.unsynced: flag}")
        let flag = flagged.send("in/a", "id=1 t=9 1-0:1.7.0=1W")
        #expect(flag.readings[0]["time"] as? String == "1970-01-01T00:00:09Z")
        #expect(flag.rules == [["time.unsynced"]])
        var silent = try pipeline("fixes: {time.unsynced: off, time.missing: off}")
        #expect(silent.send("in/a", "id=1 t=9 1-0:1.7.0=1W").rules == [[]])
        #expect(silent.send("in/a", "id=1 1-0:1.7.0=1W").rules == [[]])
        var strict = try pipeline("fixes: {time.missing: reject, id.placeholder: reject}")
        let rejected = strict.send("in/a", "id=1 1-0:1.7.0=1W")
        #expect(rejected.topics == ["harmonized/v1/bridge/test/reject"])
        #expect(rejected.payloads("/reject")[0].contains("policy.rejected"))
        #expect(
            strict.send("in/b", "id=12345 t=1795217228 1-0:1.7.0=1W").topics == ["harmonized/v1/bridge/test/reject"])
    }

    @Test func `local time is read in the zone of the source`() throws {
        var pipeline = try pipeline(zone: try #require(Zone("Europe/Zurich")))
        pipeline.now = Timestamp(seconds: 1_632_498_999)
        let out = pipeline.send("in/a", "id=1 local=2021-09-24T17:56:38 1-0:1.7.0=0W")
        #expect(out.readings[0]["time"] as? String == "2021-09-24T15:56:38Z")
        #expect(out.payloads("/info")[0].contains("{\"kind\":\"zone\",\"zone\":\"Europe/Zurich\"}"))
    }

    @Test func `net power is derived until the meter sends it`() throws {
        var pipeline = try pipeline()
        let both = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:2.7.0=250W")
        #expect(
            both.payloads("/reading")[0].contains("\"1-0:16.7.0\":{\"value\":-245,\"unit\":\"W\",\"derived\":true}"))
        #expect(
            pipeline.send("in/a", "id=1 t=1795217229 1-0:1.7.0=7W", after: 1000).registers["1-0:16.7.0"] == nil,
            "the export is the one before")
        _ = pipeline.send("in/a", "id=1 t=1795217331 1-0:16.7.0=3W", after: 1000)
        let own = pipeline.send("in/a", "id=1 t=1795217332 1-0:1.7.0=5W 1-0:2.7.0=0W", after: 1000)
        #expect(own.registers["1-0:16.7.0"] == nil)
    }

    @Test(arguments: [("kW", "-0.245"), ("MW", "-0.000245")]) func `net power has the unit that the profile gives it`(
        unit: String, expected: String
    ) throws {
        var pipeline = try pipeline("registers: {\"1-0:16.7.0\": {unit: \(unit), decimals: 8}}")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:2.7.0=250W")
        #expect(out.registers["1-0:16.7.0"] == expected)
        let later = pipeline.send("in/a", "id=1 t=1795217229 1-0:1.7.0=250W 1-0:2.7.0=250W", after: 1000)
        #expect(later.registers["1-0:16.7.0"] == "0")
    }

    @Test func `nothing is derived of units that measure something else`() throws {
        var pipeline = try pipeline("registers: {\"1-0:16.7.0\": {unit: var}}")
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:2.7.0=250W")
        #expect(out.registers["1-0:16.7.0"] == nil)
    }

    @Test func `counters are kept by the broker, momentary values are not`() throws {
        var pipeline = try pipeline()
        let first = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:1.8.0=9.10kWh 0-0:96.14.0=T1")
        func publication(_ out: [Publication], _ obis: String) -> Publication? {
            out.first { $0.topic.hasSuffix("obis/\(obis)") }
        }
        #expect(publication(first, "1-0:1.8.0").map { String(decoding: $0.payload, as: UTF8.self) } == "9.1")
        #expect(publication(first, "1-0:1.8.0")?.isRetained == true)
        #expect(publication(first, "0-0:96.14.0")?.isRetained == true)
        #expect(publication(first, "1-0:1.7.0")?.isRetained == false)
        let same = pipeline.send("in/a", "id=1 t=1795217233 1-0:1.7.0=5W 1-0:1.8.0=9.10kWh", after: 5000)
        #expect(publication(same, "1-0:1.8.0") == nil, "unchanged")
        #expect(publication(same, "1-0:1.7.0") != nil, "each reading")
        let later = pipeline.send("in/a", "id=1 t=1795217528 1-0:1.8.0=9.10kWh", after: 300_000)
        #expect(publication(later, "1-0:1.8.0") != nil, "every five minutes")
    }

    @Test func `state has every register with its own time and the values by alias`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=9kWh")
        let out = pipeline.send("in/a", "id=1 t=1795217233 1-0:1.7.0=5W", after: 5000)
        let state = out.payloads("/state")[0]
        #expect(state.contains("\"1-0:1.8.0\":{\"value\":9,\"unit\":\"kWh\",\"time\":\"2026-11-20T23:27:08Z\","))
        #expect(state.contains("\"received\":\"2026-11-20T23:27:08.000Z\"}"), "and when it came")
        #expect(state.contains("\"1-0:1.7.0\":{\"value\":5,\"unit\":\"W\"}"))
        #expect(state.contains("\"values\":{\"energy_import\":9,\"power_import\":5}"))
        #expect(out.allSatisfy { !$0.topic.hasSuffix("/state") || $0.isRetained })
    }

    @Test func `a negative counter is dropped and said`() throws {
        var pipeline = try pipeline()
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.8.0=-1kWh 1-0:1.7.0=5W")
        #expect(out.registers["1-0:1.8.0"] == nil)
        #expect(out.rules == [["value.dropped"]])
    }

    @Test func `a profile renames, switches off and moves`() throws {
        var pipeline = try pipeline(
            "{topics: {root: haus/v1, obis: false, value: {enabled: true}}, registers: {\"1-0:1.7.0\": {alias: bezug}, \"1-0:2.7.0\": ~}}"
        )
        let out = pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W 1-0:2.7.0=0.001kW")
        #expect(out.topics.contains("haus/v1/meter/1/value/bezug"))
        #expect(!out.topics.contains { $0.contains("/obis/") })
        #expect(
            out.payloads("/reading")[0].contains("\"1-0:2.7.0\":{\"value\":0.001,\"unit\":\"kW\"}"),
            "unknown: as received")
    }

    @Test func `rejects carry the payload as far as it goes`() throws {
        var pipeline = try pipeline()
        let reject = pipeline.send("in/a", "bad \u{1b}[31m")
        #expect(reject.topics == ["harmonized/v1/bridge/test/reject"])
        #expect(reject.payloads("/reject")[0].contains("\"position\":3"))
        #expect(reject.payloads("/reject")[0].contains("bad \\u001b[31m"))
        let bytes = pipeline.pipeline.handle(
            RawMessage(topic: "in/a", payload: Array("bad ".utf8) + [0xff, 0xfe], received: pipeline.now))
        #expect(bytes.payloads("/reject")[0].contains("\"payload_base64\":\"YmFkIP/+\""))
        let large = pipeline.pipeline.handle(
            RawMessage(
                topic: "in/a", payload: Array("bad ".utf8) + Array(repeating: 0x61, count: 10_000),
                received: pipeline.now))
        #expect(large[0].payload.count < 6000 && large.payloads("/reject")[0].contains("\"payload_bytes\":10004"))
        let huge = pipeline.pipeline.handle(
            RawMessage(topic: "in/a", payload: Array(repeating: 0x61, count: 2_000_000), received: pipeline.now))
        #expect(huge.payloads("/reject")[0].contains("payload.too-large"))
    }

    @Test func `availability follows readings and the reader's last will`() throws {
        var pipeline = try pipeline()
        #expect(pipeline.send("in/a", "id=1 t=1795217228 1-0:1.7.0=5W").payloads("/availability") == ["online"])
        #expect(pipeline.send("in/a", "id=1 t=1795217229 1-0:1.7.0=5W").payloads("/availability") == [])
        #expect(pipeline.send("in/a", "offline").payloads("/availability") == ["offline"])
        #expect(pipeline.send("in/a", "id=1 t=1795217230 1-0:1.7.0=5W").payloads("/availability") == ["online"])
    }

    @Test func `silence and a wrong zone are one sentence each`() throws {
        var silent = try TestPipeline([TestPipeline.source("gplug", filter: "tele/+/SENSOR")])
        _ = silent.wait(0)
        _ = silent.wait(59_000)
        #expect(silent.pipeline.takeDiagnostics().isEmpty)
        _ = silent.wait(1000)
        _ = silent.wait(60_000)
        #expect(
            silent.pipeline.takeDiagnostics().map(\.description) == [
                "source \"gplug\": nothing on tele/+/SENSOR for 60 s; run obis-bridge discover"
            ])
        var winter = try TestPipeline([TestPipeline.source("gplug", isZoneOfHost: true)])
        for _ in 0..<2 { _ = winter.send("in/a", "id=1 local=2026-11-21T00:27:08 1-0:1.7.0=5W") }
        #expect(
            winter.pipeline.takeDiagnostics().map(\.description).filter { $0.contains("zone") } == [
                "this host's zone is UTC but gplug sends local time, +1:00 h: set zone: Europe/Zurich"
            ])
        var summer = try TestPipeline([TestPipeline.source("gplug", isZoneOfHost: true)])
        summer.now = Timestamp(seconds: 1_782_900_000)  // 2026-07-01T10:00:00Z
        _ = summer.send("in/a", "id=1 local=2026-07-01T12:00:00 1-0:1.7.0=5W")
        #expect(
            summer.pipeline.takeDiagnostics().map(\.description).filter { $0.contains("zone") } == [
                "this host's zone is UTC but gplug sends local time, +2:00 h: set zone: Europe/Zurich"
            ])
    }
}
