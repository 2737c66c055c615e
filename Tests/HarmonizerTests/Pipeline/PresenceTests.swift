// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Who is there, which registers are old, and content that stands still.
@Suite struct PresenceTests {
    private func pipeline() throws -> TestPipeline { try TestPipeline([TestPipeline.source()]) }

    private func send(_ pipeline: inout TestPipeline, _ words: String, every milliseconds: Int64) -> [Publication] {
        let time = (pipeline.now + .milliseconds(milliseconds)).seconds
        return pipeline.send("in/a", "id=1 t=\(time) \(words)", after: milliseconds)
    }

    @Test(arguments: [(1000, 60_000), (10_000, 60_000), (60_000, 180_000), (900_000, 2_700_000)] as [(Int64, Int64)])
    func `a meter is offline after three intervals of silence, a minute at least`(interval: Int64, limit: Int64) throws
    {
        var pipeline = try pipeline()
        for _ in 0..<5 { _ = send(&pipeline, "1-0:1.7.0=5W", every: interval) }
        #expect(pipeline.wait(limit - 1).isEmpty)
        let due = try #require(pipeline.pipeline.nextDeadline)
        #expect(due == pipeline.now + .milliseconds(1))
        #expect(!pipeline.pipeline.hasOpenGroups, "nothing waits for an acknowledgement")
        let silent = pipeline.wait(1)
        #expect(silent.payloads("1/availability") == ["offline"])
        #expect(silent.allSatisfy { $0.isRetained })
        #expect(pipeline.pipeline.nextDeadline == nil, "a quiet night is slept through")
        #expect(pipeline.wait(86_400_000).isEmpty, "said once")
        let back = send(&pipeline, "1-0:1.7.0=5W", every: interval)
        #expect(back.payloads("1/availability") == ["online"])
        #expect(back.topics.first == "harmonized/v1/meter/1/availability")
    }

    @Test func `the deadline moves with the messages and is not looked at for each`() throws {
        var pipeline = try pipeline()
        for _ in 0..<200 { #expect(!send(&pipeline, "1-0:1.7.0=5W", every: 10_000).topics.contains("offline")) }
        let due = try #require(pipeline.pipeline.nextDeadline)
        let ahead = due - pipeline.now
        #expect(ahead > .zero && ahead <= .minutes(1))
    }

    @Test func `a meter that an earlier run left online is offline when nothing comes`() throws {
        var first = try pipeline()
        let kept = send(&first, "1-0:1.7.0=5W 1-0:1.8.0=3kWh", every: 10_000).filter(\.isRetained)
        var second = try pipeline()
        second.now = first.now + .minutes(10)
        for publication in kept {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        #expect(second.wait(0).isEmpty)
        #expect(second.wait(59_999).isEmpty)
        #expect(second.wait(1).payloads("1/availability") == ["offline"])
    }

    @Test func `the last will of a reader that an earlier run knew is heard`() throws {
        var first = try pipeline()
        let kept = send(&first, "1-0:1.7.0=5W 1-0:1.8.0=3kWh", every: 10_000).filter(\.isRetained)
        var second = try pipeline()
        for publication in kept {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        #expect(second.retained("in/a", "offline").payloads("1/availability") == ["offline"])
    }

    @Test func `a meter with two readers is there while one of them sends`() throws {
        var pipeline = try TestPipeline([
            TestPipeline.source("a", filter: "a/+"), TestPipeline.source("b", filter: "b/+"),
        ])
        _ = pipeline.send("a/x", "id=1 1-0:1.7.0=5W")
        _ = pipeline.send("b/x", "id=1 1-0:1.7.0=5W", after: 1000)
        #expect(pipeline.send("a/x", "offline", after: 1000).isEmpty, "b sends")
        #expect(pipeline.send("b/x", "id=1 1-0:1.7.0=5W", after: 9000).payloads("/availability").isEmpty)
        #expect(pipeline.send("b/x", "offline", after: 1000).payloads("1/availability") == ["offline"])
    }

    @Test func `a register that stays away is stale, and the others are not`() throws {
        var pipeline = try pipeline()
        for _ in 0..<10 { _ = send(&pipeline, "1-0:1.7.0=5W 1-0:2.7.0=0W 1-0:1.8.0=3kWh", every: 10_000) }
        var states: [String] = []
        for _ in 0..<8 { states += send(&pipeline, "1-0:1.7.0=6W 1-0:2.7.0=0W", every: 10_000).payloads("/state") }
        #expect(!states[4].contains("stale"), "fifty seconds")
        #expect(
            states[5].contains(
                "\"1-0:1.8.0\":{\"value\":3,\"unit\":\"kWh\",\"time\":\"2026-11-20T23:28:48Z\",\"quality\":\"stale\","))
        #expect(states[5].split(separator: "stale", omittingEmptySubsequences: false).count == 2)
        #expect(states[7].contains("\"energy_import\":3"), "its value stays")
        #expect(!send(&pipeline, "1-0:1.8.0=3kWh", every: 10_000).payloads("/state")[0].contains("stale"))
    }

    @Test func `a register that comes every hour is not stale within it`() throws {
        var pipeline = try pipeline()
        for minute in 0..<600 {
            let out = send(&pipeline, minute % 60 == 0 ? "1-0:1.7.0=5W 1-0:1.8.0=3kWh" : "1-0:1.7.0=5W", every: 60_000)
            #expect(!out.payloads("/state")[0].contains("stale"))
        }
    }

    @Test func `with the meter its registers become stale`() throws {
        var pipeline = try pipeline()
        for _ in 0..<5 { _ = send(&pipeline, "1-0:1.7.0=5W 1-0:1.8.0=3kWh", every: 10_000) }
        let silent = pipeline.wait(60_000)
        #expect(silent.payloads("/availability") == ["offline"])
        #expect(silent.payloads("/state")[0].split(separator: "\"quality\":\"stale\"").count == 3, "both")
        let back = send(&pipeline, "1-0:1.7.0=5W", every: 100_000).payloads("/state")[0]
        #expect(back.contains("\"1-0:1.7.0\":{\"value\":5,\"unit\":\"W\"}"))
        #expect(back.contains("\"quality\":\"stale\""))
    }

    // MARK: - Frozen content

    /// Rules of the last of many equal messages.
    private func still(
        _ words: String, messages: Int = 200, every milliseconds: Int64 = 10_000, clock: Int64? = nil
    ) throws -> [String] {
        var pipeline = try pipeline()
        var rules: [String] = []
        for _ in 0..<messages {
            let time = clock ?? (pipeline.now + .milliseconds(milliseconds)).seconds
            let out = pipeline.send("in/a", "id=1 t=\(time) \(words)", after: milliseconds)
            rules = out.rules.last ?? []
            #expect(!out.payloads("/availability").contains("offline"))
        }
        return rules
    }

    @Test func `the meter's clock that stands still is frozen content`() throws {
        #expect(try still("1-0:1.7.0=0W 1-0:1.8.0=3kWh", clock: 1_795_217_228).contains("content.frozen"))
    }

    @Test func `voltages that never change are frozen content`() throws {
        let words = "1-0:1.7.0=0W 1-0:1.8.0=3kWh 1-0:32.7.0=231.2V 1-0:52.7.0=230.9V 1-0:72.7.0=232.0V"
        #expect(try still(words) == ["content.frozen"])
        #expect(try still(words, messages: 60) == [], "not before a quarter of an hour")
        #expect(try still(words, messages: 18, every: 55_000) == [], "nor in a few messages")
    }

    @Test func `power without energy is frozen content`() throws {
        #expect(try still("1-0:1.7.0=412W 1-0:1.8.0=3kWh") == ["content.frozen"])
    }

    @Test(arguments: [
        "1-0:1.7.0=0W 1-0:2.7.0=0W 1-0:1.8.0=3kWh 1-0:2.8.0=0kWh", "1-0:2.8.0=4711.5kWh 1-0:2.7.0=0W",
        "1-0:1.7.0=3W 1-0:1.8.0=3kWh", "1-0:1.7.0=0W 1-0:32.7.0=230V", "0-0:96.14.0=2", "0-1:24.2.1=3m3",
        "1-0:1.7.0=412W",
    ])
    func `a house at night, a heat pump in summer and a photovoltaic meter rest`(words: String) throws {
        #expect(try still(words, messages: 4000) == [])
    }

    @Test func `one register that moves is enough`() throws {
        var pipeline = try pipeline()
        for step in 0..<200 {
            let out = send(
                &pipeline, "1-0:1.7.0=412W 1-0:1.8.0=3kWh 1-0:32.7.0=23\(step % 2).2V 1-0:52.7.0=231.0V", every: 10_000)
            #expect(out.rules == [[]])
        }
    }
}
