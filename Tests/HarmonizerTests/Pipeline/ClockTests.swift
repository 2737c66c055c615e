// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// Clocks that are wrong, and messages that only seem to have one.
@Suite struct ClockTests {
    private func pipeline(_ profile: String = "{}", zone: String = "UTC") throws -> TestPipeline {
        try TestPipeline([TestPipeline.source(zone: try #require(Zone(zone)))], profile: profile)
    }

    private static let text = "id=1 1-0:1.7.0=5W 1-0:1.8.0=9kWh"

    /// Messages every ten seconds whose clock is `offset` seconds ahead; the rules and times of the last.
    private func live(
        _ pipeline: inout TestPipeline, _ count: Int, ahead offset: Int64, every milliseconds: Int64 = 10_000
    ) -> [Publication] {
        var last: [Publication] = []
        for _ in 0..<count {
            let time = pipeline.now.seconds + milliseconds / 1000 + offset
            last = pipeline.send("in/a", "\(Self.text) t=\(time)", after: milliseconds)
        }
        return last
    }

    private func time(_ publications: [Publication]) -> String? { publications.readings.last?["time"] as? String }

    @Test(arguments: [-2, -1, 1, 2, 9] as [Int64])
    func `a clock that is hours off is corrected once twenty live messages showed it`(hours: Int64) throws {
        var pipeline = try pipeline()
        let early = live(&pipeline, 10, ahead: hours * 3600)
        #expect(early.rules == [[hours > 0 ? "time.future" : "time.zone-error"]])
        #expect(early.readings[0]["time_source"] as? String == (hours > 0 ? "bridge" : "meter"))
        let late = live(&pipeline, 15, ahead: hours * 3600)
        #expect(late.rules == [["time.zone-error"]])
        #expect(time(late) == pipeline.now.wholeSeconds.description)
        #expect(late.payloads("/reading")[0].contains("\"action\":\"substitute\",\"original\":"))
        #expect(late.payloads("/reading")[0].contains("\"with\":\"\(hours > 0 ? "" : "+")\(-hours) h\""))
        let sentence = "is \(abs(hours)) h \(hours > 0 ? "ahead" : "behind"), corrected from now on"
        #expect(pipeline.pipeline.takeDiagnostics().filter { $0.description.contains(sentence) }.count == 1)
        // Someone sets it right: what fits the arrival is believed at once.
        let right = live(&pipeline, 2, ahead: 0)
        #expect(time(right) == pipeline.now.wholeSeconds.description)
        #expect(live(&pipeline, 30, ahead: 0).rules == [[]])
    }

    @Test(arguments: [("fix", ["time.zone-error"]), ("flag", ["time.zone-error"]), ("off", [])])
    func `the profile may leave the hours as they are`(policy: String, rules: [String]) throws {
        var pipeline = try pipeline("fixes: {time.zone-error: \(policy)}")
        let out = live(&pipeline, 30, ahead: -3600)
        #expect(out.rules == [rules])
        let corrected = pipeline.now.wholeSeconds.description
        #expect((time(out) == corrected) == (policy == "fix"))
    }

    @Test func `a clock that is right, or a little off, is never corrected`() throws {
        for offset in [0, -3, -45, 45] as [Int64] {
            var pipeline = try pipeline()
            var rules: Set<[String]> = []
            for _ in 0..<40 { rules.formUnion(live(&pipeline, 1, ahead: offset).rules) }
            #expect(rules == [[]])
        }
    }

    @Test func `a backlog of an hour teaches nothing`() throws {
        var pipeline = try pipeline()
        _ = live(&pipeline, 30, ahead: 0)
        let start = pipeline.now.seconds
        pipeline.now += .hours(1)
        var rules: Set<String> = []
        for step in 0..<360 as Range<Int64> {
            let out = pipeline.send("in/a", "\(Self.text) t=\(start + step * 10)", after: 20)
            rules.formUnion(out.rules.flatMap(\.self))
            if step < 350 { #expect(out.payloads("/reading")[0].contains("\"delayed\":true")) }
        }
        #expect(rules.isEmpty)
        let next = live(&pipeline, 1, ahead: 0)
        #expect(next.rules == [[]] && !next.payloads("/reading")[0].contains("delayed"))
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
    }

    @Test func `what the broker kept teaches nothing`() throws {
        var pipeline = try pipeline()
        for _ in 0..<40 {
            pipeline.now += .seconds(10)
            _ = pipeline.retained("in/a", "\(Self.text) t=\(pipeline.now.seconds - 3600)")
        }
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
        #expect(live(&pipeline, 1, ahead: 0).rules == [[]])
    }

    @Test(
        arguments: [(-480, ["time.skew"], -480), (-61, ["time.skew"], -61), (-55, [], -55), (480, ["time.future"], 0)]
            as [(Int64, [String], Int64)])
    func `a clock that is minutes off is said to be`(offset: Int64, rules: [String], shown: Int64) throws {
        var pipeline = try pipeline()
        let early = live(&pipeline, 10, ahead: offset)
        #expect(early.rules == [offset > 300 ? ["time.future"] : []], "not before it is known")
        let out = live(&pipeline, 15, ahead: offset)
        #expect(out.rules == [rules])
        #expect(time(out) == (pipeline.now.wholeSeconds + .seconds(shown)).description)
        var fixing = try self.pipeline("fixes: {time.skew: fix}")
        let fixed = live(&fixing, 25, ahead: offset)
        if !rules.isEmpty {
            #expect(fixed.rules == [["time.skew"]] && time(fixed) == fixing.now.wholeSeconds.description)
        }
    }

    @Test func `what was learned of a clock survives a restart`() throws {
        var first = try pipeline()
        var kept: [String: Publication] = [:]
        for _ in 0..<30 {
            for publication in live(&first, 1, ahead: -3600) where publication.isRetained {
                kept[publication.topic] = publication
            }
        }
        var second = try pipeline()
        second.now = first.now
        for publication in kept.values {
            _ = second.pipeline.restore(
                RawMessage(
                    topic: publication.topic, payload: publication.payload, isRetained: true, received: second.now))
        }
        second.pipeline.connected(at: second.now, isResumed: true)
        let out = live(&second, 1, ahead: -3600)
        #expect(out.rules == [["time.zone-error"]] && time(out) == second.now.wholeSeconds.description)
        #expect(!out.payloads("/reading")[0].contains("delayed"))
    }

    /// What is on the meter's display at an instant, read as local time of Zurich.
    private func display(_ now: Timestamp, hoursEast: Int64) -> String {
        Timestamp(seconds: now.seconds + hoursEast * 3600).description.replacing("Z", with: "")
    }

    @Test func `a meter on standard time all year is right in winter and in summer`() throws {
        var pipeline = try pipeline(zone: "Europe/Zurich")
        pipeline.now = try #require(RFC3339.instant("2026-03-29T00:40:00Z"))
        var wrong = 0
        for _ in 0..<600 {  // ten seconds each, summer from 01:00Z
            let next = pipeline.now + .seconds(10)
            let out = pipeline.send(
                "in/a", "\(Self.text) local=\(display(next, hoursEast: 1))", after: 10_000)
            if time(out) != next.wholeSeconds.description { wrong += 1 }
        }
        #expect(wrong <= 2, "until two messages showed the new pace")
        pipeline.now = try #require(RFC3339.instant("2026-10-25T00:30:00Z"))
        wrong = 0
        for _ in 0..<400 {  // winter from 01:00Z
            let next = pipeline.now + .seconds(10)
            let out = pipeline.send("in/a", "\(Self.text) local=\(display(next, hoursEast: 1))", after: 10_000)
            if time(out) != next.wholeSeconds.description { wrong += 1 }
        }
        #expect(wrong <= 2)
    }

    @Test(arguments: ["2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z"], ["Europe/Zurich", "Europe/Helsinki"])
    func `a clock that follows the zone needs no repair in either night`(start: String, name: String) throws {
        let zone = try #require(Zone(name))
        for isLocal in [true, false] {
            var pipeline = try pipeline(zone: name)
            pipeline.now = try #require(RFC3339.instant(start))
            var seen: Set<[String]> = []
            for _ in 0..<360 {
                let next = pipeline.now + .seconds(10)
                let face = display(next + .seconds(Int64(zone.offset(at: next))), hoursEast: 0)
                let words = isLocal ? "local=\(face)" : "t=\(next.seconds)"
                let out = pipeline.send("in/a", "\(Self.text) \(words)", after: 10_000)
                seen.formUnion(out.rules)
                #expect(time(out) == next.wholeSeconds.description)
            }
            #expect(seen == [[]])
        }
    }
}

extension TestPipeline {
    mutating func retained(_ topic: String, _ payload: String) -> [Publication] {
        pipeline.handle(RawMessage(topic: topic, payload: Array(payload.utf8), isRetained: true, received: now))
    }
}
