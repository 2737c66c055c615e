// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What the broker or a reader kept while nobody listened.
@Suite struct DelayTests {
    private func pipeline() throws -> TestPipeline { try TestPipeline([TestPipeline.source()]) }

    private func isDelayed(_ publications: [Publication]) -> Bool {
        publications.payloads("/reading").last?.contains("\"delayed\":true") == true
    }

    @Test func `what was queued during an outage keeps its time and says that it is late`() throws {
        var pipeline = try pipeline()
        for step in 0..<5 as Range<Int64> {
            _ = pipeline.send("in/a", "id=1 t=\(1_795_217_238 + step * 10) 1-0:1.7.0=5W 1-0:1.8.0=9kWh", after: 10_000)
        }
        let last = pipeline.now.seconds
        pipeline.now += .seconds(100)
        pipeline.pipeline.connected(at: pipeline.now, isResumed: true)
        for step in 1...10 as ClosedRange<Int64> {
            let out = pipeline.send(
                "in/a", "id=1 t=\(last + step * 10 - 3) 1-0:1.7.0=\(step)W 1-0:1.8.0=\(9 + step)kWh", after: 2)
            #expect(out.rules == [[]] && isDelayed(out))
            #expect(out.topics.contains { $0.hasSuffix("obis/1-0:1.8.0") })
            #expect(out.payloads("/state").last?.contains("\"1-0:1.8.0\":{\"value\":\(9 + step)") == true)
        }
        let live = pipeline.send("in/a", "id=1 t=\(pipeline.now.seconds + 10) 1-0:1.7.0=5W", after: 10_000)
        #expect(live.rules == [[]] && !isDelayed(live))
        #expect(live.topics.contains { $0.hasSuffix("obis/1-0:1.7.0") })
        #expect(live.payloads("/info").isEmpty, "the interval did not change")
    }

    @Test func `a late message without a time says since when it can be`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 1-0:1.7.0=5W")
        pipeline.now += .hours(2)
        pipeline.pipeline.connected(at: pipeline.now, isResumed: true)
        for _ in 0..<3 {
            let out = pipeline.send("in/a", "id=1 1-0:1.7.0=6W", after: 5)
            #expect(isDelayed(out))
            #expect(
                out.payloads("/reading")[0].contains(
                    "\"with\":\"received\",\"earliest\":\"2026-11-20T23:27:08Z\""))
        }
        let live = pipeline.send("in/a", "id=1 1-0:1.7.0=6W", after: 10_000)
        #expect(!isDelayed(live) && !live.payloads("/reading")[0].contains("earliest"))
    }

    @Test func `after a restart the earliest moment is that of the last run`() throws {
        var first = try pipeline()
        let kept = first.send("in/a", "id=1 1-0:1.8.0=5kWh").filter(\.isRetained)
        var second = try pipeline()
        second.now += .minutes(10)
        for publication in kept {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        second.pipeline.connected(at: second.now, isResumed: true)
        for _ in 0..<2 {
            #expect(
                second.send("in/a", "id=1 1-0:1.8.0=6kWh", after: 3).payloads("/reading")[0].contains(
                    "\"earliest\":\"2026-11-20T23:27:08Z\""))
        }
    }

    @Test func `a new session, or a pause after the connection, has nothing late`() throws {
        for (isResumed, pause) in [(false, 5), (true, 300)] as [(Bool, Int64)] {
            var pipeline = try pipeline()
            pipeline.pipeline.connected(at: pipeline.now, isResumed: isResumed)
            #expect(!isDelayed(pipeline.send("in/a", "id=1 1-0:1.7.0=6W", after: pause)))
        }
    }

    @Test func `each of a thousand meters that never pause has its own pace`() throws {
        var pipeline = try pipeline()
        for meter in 0..<1000 { _ = pipeline.send("in/\(meter)", "id=M\(meter) 1-0:1.7.0=6W", after: 10) }
        pipeline.pipeline.connected(at: pipeline.now, isResumed: true)
        var late = 0
        for round in 0..<3 {
            for meter in 0..<1000 {
                let out = pipeline.send("in/\(meter)", "id=M\(meter) 1-0:1.7.0=6W", after: 10)
                if round > 0, isDelayed(out) { late += 1 }
            }
        }
        #expect(late == 0)
    }

    @Test func `what the broker kept is old until its own time is of now`() throws {
        var pipeline = try pipeline()
        #expect(pipeline.retained("in/a", "id=1 1-0:1.7.0=6W").isEmpty, "no time: of any age")
        #expect(pipeline.pipeline.counters.ignored["retained-undated"] == 1)
        let old = pipeline.retained("in/a", "id=1 t=\(pipeline.now.seconds - 3600) 1-0:1.7.0=6W")
        #expect(Set(old.topics) == ["harmonized/v1/meter/1/reading", "harmonized/v1/meter/1/info"])
        #expect(old.rules == [[]] && old.payloads("/reading")[0].contains("\"retained\":true"))
        #expect(old.readings[0]["time"] as? String == "2026-11-20T22:27:08Z")
        let fresh = pipeline.retained("in/a", "id=1 t=\(pipeline.now.seconds - 20) 1-0:1.7.0=6W")
        #expect(fresh.payloads("/state").count == 1)
        #expect(fresh.payloads("/availability").isEmpty, "it does not say that the meter lives")
        let live = pipeline.send("in/a", "id=1 t=\(pipeline.now.seconds) 1-0:1.7.0=6W")
        #expect(live.payloads("/availability") == ["online"] && live.rules == [[]])
    }

    @Test func `a retained message of last week keeps its time`() throws {
        var pipeline = try pipeline()
        let old = pipeline.retained("in/a", "id=1 t=\(pipeline.now.seconds - 604_800) 1-0:1.8.0=6kWh")
        #expect(old.readings[0]["time"] as? String == "2026-11-13T23:27:08Z" && old.rules == [[]])
    }

    @Test func `gas keeps the time of its capture`() throws {
        var pipeline = try pipeline()
        _ = pipeline.send("in/a", "id=1 t=1795217228 gas=1 0-1:24.2.1=3m3@1795217100 1-0:1.7.0=1W")
        let out = pipeline.send("in/a", "id=1 t=1795217238 gas=1 0-1:24.2.1=3m3@1795217100 1-0:1.7.0=1W", after: 10_000)
        #expect(
            out.payloads("/state")[0].contains(
                "\"0-1:24.2.1\":{\"value\":3,\"unit\":\"m³\",\"time\":\"2026-11-20T23:25:00Z\"}"))
    }
}
