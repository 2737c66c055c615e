// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

/// What a person reads in the log.
@Suite struct RemarkTests {
    @Test func `a guess names its meter and the line to write, and stands in info`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        let out = pipeline.send("in/g", "guess=gplug-d id=10487029 t=1795217228 1-0:1.7.0=1W")
        #expect(
            pipeline.pipeline.takeDiagnostics().map(\.description) == [
                "meter 10487029: guessed labels gplug-d from 17 of 17 keys; write \"labels: gplug-d\" at bridge.yaml:4"
            ])
        #expect(out.payloads("/info")[0].contains("{\"kind\":\"labels\",\"labels\":\"gplug-d\",\"guessed\":true}"))
    }

    @Test func `a guess that comes before the id waits for it`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(separateID: true)])
        _ = pipeline.send("in/g", "guess=gplug-d 1-0:1.7.0=1W")
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
        let out = pipeline.send("in/g", "id=10487029 1-0:1.7.0=1W", after: 500)
        #expect(pipeline.pipeline.takeDiagnostics().first?.description.hasPrefix("meter 10487029: guessed") == true)
        #expect(out.payloads("/info")[0].contains("\"guessed\":true"))
        var parts = try TestPipeline([TestPipeline.source()])
        _ = parts.send("in/g", "guess=gplug-d part id=7 t=1 1-0:1.7.0=1W")
        #expect(parts.wait(500).payloads("/info")[0].contains("\"guessed\":true"))
    }

    @Test func `a label without a code is named once and counted`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        for round in 0..<3 { _ = pipeline.send("in/g", "label=Xyz id=1 t=\(1_795_217_228 + round) 1-0:1.7.0=1W") }
        #expect(
            pipeline.pipeline.takeDiagnostics().map(\.description) == [
                "meter 1: no OBIS code for the label \"Xyz\", so it is not published"
            ])
        #expect(pipeline.pipeline.counters.unknownLabels == 3)
        _ = pipeline.send("in/other", "label=Xyz")
        #expect(
            pipeline.pipeline.takeDiagnostics().map(\.description) == [
                "source \"src\": no OBIS code for the label \"Xyz\", so it is not published"
            ])
    }

    @Test func `no sentence moves the cursor or grows without end`() {
        let evil = Diagnostic(
            .warning, "a\u{1b}[2Jb\u{202e}c\r\nd\u{0}\u{85}é漢" + String(repeating: "x", count: 100_000))
        #expect(evil.description.hasPrefix("a\\u{1b}[2Jb\\u{202e}c\\u{d}\\u{a}d\\u{0}\\u{85}é漢xxx"))
        #expect(evil.description.hasSuffix("…") && evil.description.utf8.count < 1000)
    }

    @Test func `sentences about invented labels come to an end`() throws {
        var pipeline = try TestPipeline([TestPipeline.source()])
        var count = 0
        for label in 0..<2_200 {
            _ = pipeline.send("in/g", "label=L\(label)")
            count += pipeline.pipeline.takeDiagnostics().count
        }
        #expect(count == 2001)
    }

    @Test func `invented kinds, registers and serials come to an end`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(meter: "pin")])
        for kind in 0..<300 { _ = pipeline.send("in/g", "kind=\(kind)") }
        #expect(pipeline.pipeline.counters.ignored.count <= 101)
        #expect(pipeline.pipeline.counters.ignored.values.reduce(0, +) == 300)
        var out: [Publication] = []
        for block in 0..<30 {
            let words = (0..<50).map { "1-0:\(100 + block).\(100 + $0).0=1" }
            out = pipeline.send("in/g", "id=S1 t=\(1_795_217_228 + block) \(words.joined(separator: " "))")
        }
        let state = try #require(out.payloads("/state").last)
        #expect((out.object(state)["registers"] as? [String: Any])?.count == 250)
        #expect((out.readings.last?["registers"] as? [String: Any])?.count == 50, "a reading has what was sent")
        for serial in 0..<300 { out = pipeline.send("in/g", "id=Q\(serial) 1-0:1.7.0=1W") }
        for _ in 0..<100 { out += pipeline.send("in/g", "id=Q1 1-0:1.7.0=1W 1-0:\(out.count).7.0=1W") }
        #expect(out.payloads("/info").allSatisfy { $0.split(separator: "\"Q").count < 1100 })
    }

    @Test func `a backlog from the past is no reason to doubt the zone`() throws {
        var pipeline = try TestPipeline([TestPipeline.source(isZoneOfHost: true)])
        for minute in 0..<60 {
            _ = pipeline.send(
                "in/a", "id=1 local=2026-11-20T22:\(minute < 10 ? "0" : "")\(minute):08 1-0:1.7.0=5W", after: 20)
        }
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
    }

    @Test func `a clock that stays in the west is one sentence`() throws {
        var pipeline = try TestPipeline([TestPipeline.source("az", isZoneOfHost: true)])
        _ = pipeline.send("in/a", "id=1 local=2026-11-20T22:27:08 1-0:1.7.0=5W")
        #expect(pipeline.pipeline.takeDiagnostics().isEmpty)
        _ = pipeline.send("in/a", "id=1 local=2026-11-20T22:28:08 1-0:1.7.0=5W", after: 60_000)
        #expect(
            pipeline.pipeline.takeDiagnostics().map(\.description) == [
                "this host's zone is UTC but az sends local time, -1:00 h: set zone: Atlantic/Azores"
            ])
    }
}
