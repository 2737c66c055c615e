// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

/// After an upgrade or a way back the bridge finds what another version of itself left on the broker.
@Suite struct VersionTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/baseline")

    static let ofFirstMajor = ["1.0-first", "1.0-clock", "1.0-held", "1.0-pace", "1.7-added", "1.7-quoted"]
    static let damaged = [
        "damaged-no-time", "damaged-time", "damaged-registers", "damaged-cut", "damaged-bytes",
    ]

    /// A pipeline that was given what is there of `name`.
    private func pipeline(after name: String) throws -> TestPipeline {
        var test = try TestPipeline([TestPipeline.source(meter: "m-1")])
        for kind in ["info", "state"] {
            let file = Self.folder.appendingPathComponent("\(name).\(kind).json")
            guard let payload = FileManager.default.contents(atPath: file.path) else { continue }
            _ = test.restore(kind, Array(payload))
        }
        return test
    }

    private func registers(_ state: [String: Any]) -> [String: [String: Any]] {
        state["registers"] as? [String: [String: Any]] ?? [:]
    }

    @Test(arguments: ofFirstMajor) func `a state of any 1.x keeps the counters`(name: String) throws {
        var test = try pipeline(after: name)
        #expect(test.pipeline.takeDiagnostics().isEmpty)
        #expect(test.pipeline.counters.rejected.isEmpty)
        // What a reader sends whose meter answers nothing must not become a value of a dashboard.
        let zero = test.send("in/a", "id=5550001 t=1795217228 1-0:1.8.0=0kWh")
        #expect(
            zero.rules.flatMap(\.self).contains { $0 == "counter.zero" || $0 == "counter.decrease" }, "\(zero.rules)")
        #expect(zero.payloads("/obis/1-0:1.8.0").isEmpty)
        let honest = test.send("in/a", "id=5550001 t=1795217238 1-0:1.8.0=9000.6kWh", after: 10_000)
        #expect(honest.registers["1-0:1.8.0"] == "9000.6")
        let state = try #require(honest.payloads("/state").last.map(honest.object))
        #expect("\(registers(state)["0-1:24.2.1"]?["value"] ?? "")" == "453.722", "what comes once in an hour stays")
        #expect(registers(state)["0-1:24.2.1"]?["time"] as? String == "2026-11-20T23:20:01Z")
    }

    @Test(arguments: ofFirstMajor) func `a state of any 1.x is not new evidence`(name: String) throws {
        var test = try pipeline(after: name)
        #expect(test.wait(0).filter { $0.topic.hasSuffix("/reading") }.isEmpty)
        #expect(test.pipeline.counters.readings == 0)
    }

    @Test func `what a later 1.x added is passed over`() throws {
        var test = try pipeline(after: "1.7-added")
        let out = test.send("in/a", "id=5550001 t=1795217228 1-0:1.7.0=5W")
        let state = try #require(out.payloads("/state").last.map(out.object))
        let kept = registers(state)
        #expect(Set(kept.keys) == ["1-0:1.8.0", "1-0:2.8.0", "1-0:1.7.0", "0-1:24.2.1"], "\(kept.keys)")
        #expect(kept["1-0:1.8.0"]?["quality"] == nil && kept["1-0:1.8.0"]?["derived"] == nil)
        #expect(kept["1-0:2.8.0"]?["quality"] == nil, "a rule that nobody knows holds nothing")
        let info = try #require(out.payloads("/info").last.map(out.object))
        let submeters = info["submeters"] as? [[String: Any]] ?? []
        #expect(submeters.compactMap { $0["id"] as? String } == ["G5550002"])
        let sources = info["sources"] as? [[String: Any]] ?? []
        #expect(sources.map { $0["fallback"] as? Bool } == [nil])
    }

    @Test func `numbers in quotes are numbers where a text cannot be`() throws {
        var test = try pipeline(after: "1.7-quoted")
        let out = test.send("in/a", "id=5550001 t=1795217228 1-0:1.8.0=9000.6kWh")
        let state = try #require(out.payloads("/state").last.map(out.object))
        let kept = registers(state)
        #expect(kept["1-0:2.8.0"]?["value"] is NSNumber)
        #expect(kept["1-0:2.8.0"]?["quality"] as? String == "held")
        #expect(kept["0-0:96.13.0"]?["value"] as? String == "0042", "a text of digits stays a text")
        #expect(kept["1-0:1.7.0"] == nil, "a power that is no number is none")
    }

    @Test(arguments: ["2.0", "0.9", "10.0"]) func `a state of another major version is refused aloud`(
        version: String
    ) throws {
        var test = try TestPipeline([TestPipeline.source(meter: "m-1")])
        let file = try Data(contentsOf: Self.folder.appendingPathComponent("2.0.state.json"))
        let payload = Array(
            String(decoding: file, as: UTF8.self).replacing("harmonized/2.0", with: "harmonized/\(version)").utf8)
        let isTaken = test.restore("state", payload)
        #expect(!isTaken)
        let sentences = test.pipeline.takeDiagnostics()
        #expect(sentences.map(\.level) == [.warning])
        let sentence = sentences.first?.description ?? ""
        for words in [
            "harmonized/v1/meter/m-1/state", "written as harmonized/\(version)",
            "the next values of its counters are accepted unchecked",
            "replaces this message, which is on harmonized/v1/bridge/test/reject",
        ] {
            #expect(sentence.contains(words), "\(sentence)")
        }
        #expect(test.pipeline.counters.rejected == [.otherStateVersion: 1])
        let letters = test.pipeline.finishRestoring()
        #expect(letters.map(\.topic) == ["harmonized/v1/bridge/test/reject"], "nothing of the meter is touched")
        let letter = letters.object(try #require(letters.payloads("/reject").first))
        #expect(letter["reason"] as? String == "state.version")
        #expect(letter["payload"] as? String == String(decoding: payload, as: UTF8.self), "the whole is there")
        #expect(test.pipeline.finishRestoring().isEmpty, "once")
        let next = test.send("in/a", "id=5550001 t=1795217228 1-0:1.8.0=3kWh")
        #expect(next.registers["1-0:1.8.0"] == "3", "no baseline, no doubt")
        #expect(next.rules == [[]])
    }

    @Test(arguments: damaged) func `a damaged state is refused aloud, and its meter starts anew`(name: String) throws {
        var test = try pipeline(after: name)
        let sentences = test.pipeline.takeDiagnostics()
        #expect(sentences.map(\.level) == [.warning])
        #expect(sentences.first?.description.contains("m-1/state") == true)
        #expect(test.pipeline.counters.rejected == [.invalidState: 1])
        #expect(test.pipeline.finishRestoring().count == 1)
        #expect(test.pipeline.meterCount == 0)
        let next = test.send("in/a", "id=5550001 t=1795217228 1-0:1.8.0=3kWh")
        #expect(next.registers["1-0:1.8.0"] == "3")
    }

    @Test(arguments: ["1.0-held", "1.7-added"]) func `a state cut anywhere is never half a state`(name: String) throws {
        let whole = Array(try Data(contentsOf: Self.folder.appendingPathComponent("\(name).state.json")))
        let last = try #require(whole.lastIndex(of: UInt8(ascii: "}")))
        let empty = try TestPipeline([TestPipeline.source(meter: "m-1")])
        for end in 1...last {
            var test = empty
            let isTaken = test.restore("state", Array(whole[..<end]))
            #expect(!isTaken && test.pipeline.meterCount == 0, "cut at \(end)")
            #expect(test.pipeline.counters.rejected == [.invalidState: 1], "cut at \(end)")
        }
    }

    @Test func `what other programs keep on such a topic is nobody's fault`() throws {
        var test = try TestPipeline([TestPipeline.source(meter: "m-1")])
        for payload in [#"{"state":"ON"}"#, #"{"schema":"acme/1.0","meter":"m-1"}"#, "[]", "17", ""] {
            let isTaken = test.restore("state", Array(payload.utf8))
            #expect(!isTaken)
        }
        let elsewhere = test.pipeline.restore(
            RawMessage(topic: "tele/m-1/SENSOR", payload: Array("{".utf8), isRetained: true, received: test.now))
        #expect(!elsewhere)
        #expect(test.pipeline.takeDiagnostics().isEmpty && test.pipeline.counters.rejected.isEmpty)
    }

    @Test func `a thousand states that cannot be read are a few sentences`() throws {
        var test = try TestPipeline([TestPipeline.source(meter: "m-1")])
        for _ in 0..<1000 { _ = test.restore("state", Array("{".utf8)) }
        let letters = test.pipeline.finishRestoring()
        #expect(letters.count == 10)
        let sentences = test.pipeline.takeDiagnostics().map(\.description)
        #expect(sentences.count == 11)
        #expect(sentences.last?.hasPrefix("1000 retained messages in all") == true)
        #expect(test.pipeline.counters.rejected == [.invalidState: 1000])
    }

    @Test func `a schema with a name of its own is read back, and so is what was written before`() throws {
        let sources = [TestPipeline.source(meter: "m-1")]
        let state = String(
            decoding: try Data(contentsOf: Self.folder.appendingPathComponent("1.0-first.state.json")), as: UTF8.self)
        for (written, isRead) in [
            ("acme/3.1", true), ("acme/3.9", true), ("harmonized/1.0", true), ("acme/4.0", false),
        ] {
            var test = try TestPipeline(sources, profile: "schema: acme/3.1")
            let isTaken = test.restore("state", Array(state.replacing("harmonized/1.0", with: written).utf8))
            #expect(isTaken == isRead, "\(written)")
            #expect(test.pipeline.counters.rejected.isEmpty == isRead, "\(written)")
        }
    }

    @Test func `a state larger than readers may send is read back`() throws {
        var limits = Limits()
        limits.payload = 1000
        limits.jsonMembers = 50
        var test = try TestPipeline([TestPipeline.source(meter: "m-1")], limits: limits)
        let members = (0..<200).map { ",\"later_\($0)\":{\"a\":[1,2,3]}" }.joined()
        let state = String(
            decoding: try Data(contentsOf: Self.folder.appendingPathComponent("1.0-first.state.json")), as: UTF8.self)
        let isTaken = test.restore(
            "state", Array(state.replacing(",\n \"values\"", with: "\(members),\"values\"").utf8))
        #expect(isTaken)
    }
}

extension TestPipeline {
    /// Gives it a retained message of the meter `m-1`, a minute after that was written.
    mutating func restore(_ kind: String, _ payload: [UInt8]) -> Bool {
        pipeline.restore(
            RawMessage(
                topic: "harmonized/v1/meter/m-1/\(kind)", payload: payload, isRetained: true, received: now))
    }
}
