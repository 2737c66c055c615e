// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// Settings and times that nobody means, and that must not end a bridge.
@Suite struct ExtremeTimeTests {
    private static let instants: [Int64] = [
        .min, .min + 1, -62_135_596_801, -62_135_596_800, -1, 0, 1_795_217_228, 253_402_300_799, 253_402_300_800,
        1_795_217_228_412_000_000, .max - 1, .max,
    ]

    private func pipeline(_ span: String) throws -> TestPipeline {
        try TestPipeline(
            [TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+", separateID: true)],
            profile: """
                time: {max_age: \(span), max_ahead: \(span), skew: \(span)}
                groups: {quiet: \(span), limit: \(span), identity: \(span)}
                guards: {confirm: {messages: 1, after: \(span)}}
                topics: {state: {every: \(span), repeat: \(span)}, obis: {every: \(span), repeat: \(span)}}
                demand: on
                """)
    }

    @Test(arguments: ["0ms", "1ms", "1000000000ms", "1000000000d"])
    func `no span of a profile and no epoch of a payload traps the pipeline`(span: String) throws {
        var pipeline = try pipeline(span)
        var (kept, made) = ([Publication](), 0)
        for (number, seconds) in (Self.instants + Self.instants.reversed()).enumerated() {
            for topic in ["a/1", "b/1", "b/2"] {
                let id = number % 3 == 0 || topic != "b/1" ? "id=7 " : ""
                let part = topic == "b/2" ? "part " : ""
                let words = "1-0:1.8.0=\(number).25kWh@\(seconds) 1-0:1.7.0=\(number)W 1-0:32.7.0=230V gas=1"
                let published = pipeline.send(topic, "\(part)\(id)t=\(seconds) \(words)", after: 10_000)
                made += published.readings.count
                kept += published.filter(\.isRetained)
            }
            kept += pipeline.wait(number % 5 == 0 ? 86_400_000 : 1000)
        }
        kept += pipeline.pipeline.flush(at: pipeline.now)
        // With groups of a billion days only what is no part comes out.
        #expect(made > 0)
        for now in [Timestamp(seconds: 0), pipeline.now, Timestamp(seconds: 253_402_300_799)] {
            var restarted = try self.pipeline(span)
            restarted.now = now
            for publication in kept {
                _ = restarted.pipeline.restore(
                    RawMessage(topic: publication.topic, payload: publication.payload, isRetained: true, received: now))
            }
            _ = restarted.send("a/1", "id=7 t=\(Int64.max) 1-0:1.8.0=1kWh")
            _ = restarted.wait(60_000)
        }
    }

    @Test(arguments: [
        "0", "-1", "1e18", "9223372036854775807", "-9223372036854775808", "31622400", "31622401", "604800", "604801",
        "0.0004", "\"12\"", "1e-18",
    ])
    func `no interval and no clock of a retained topic traps the pipeline`(number: String) throws {
        var pipeline = try pipeline("30s")
        let head = "\"schema\":\"harmonized/1.0\",\"meter\":\"7\""
        let state = """
            {\(head),"time":"2026-11-20T22:40:02Z","time_source":"meter","received":"2026-11-20T22:40:02Z",\
            "interval":\(number),"registers":{"1-0:1.8.0":{"value":1.5,"unit":"kWh","interval":\(number)}}}
            """
        let info = """
            {\(head),"interval":\(number),"sources":[{"name":"a","device":"1","adapter":"text","topic":"a/1",\
            "clock":\(number)}],"registers":{}}
            """
        for (topic, payload) in [("7/state", state), ("7/info", info)] {
            _ = pipeline.pipeline.restore(
                RawMessage(
                    topic: "harmonized/v1/meter/\(topic)", payload: Array(payload.utf8), isRetained: true,
                    received: pipeline.now))
        }
        let published = pipeline.send("a/1", "id=7 t=\(pipeline.now.seconds) 1-0:1.8.0=1.6kWh")
        #expect(published.readings.count == 1)
        _ = pipeline.wait(2_000_000_000)
    }
}
