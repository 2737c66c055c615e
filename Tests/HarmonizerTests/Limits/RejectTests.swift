// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Harmonizer

/// The dead letter: everything that a person needs to find the fault, and no flood.
@Suite struct RejectTests {
    private func rejects(_ publications: [Publication]) -> [[String: Any]] {
        publications.payloads("/reject").map(publications.object)
    }

    @Test func `a reject names topic, payload, reason, position and source`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        let reject = try #require(rejects(test.send("in/a", "bad text")).first)
        #expect(reject["reason"] as? String == "payload.unexpected")
        #expect(reject["position"] as? Int == 3)
        #expect(reject["payload"] as? String == "bad text")
        let source = try #require(reject["source"] as? [String: String])
        #expect(source == ["name": "src", "adapter": "text", "topic": "in/a"])
        #expect(reject["schema"] as? String == "harmonized/1.0")
    }

    @Test func `a damaged telegram beside a good one is a reject with its place, and the good one is read`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        let publications = test.send("in/a", "id=A1 1-0:1.7.0=5W damaged=17 damaged=40")
        #expect(publications.readings.count == 1)
        let rejects = rejects(publications)
        #expect(rejects.map { $0["reason"] as? String } == ["telegram.crc", "telegram.crc"])
        #expect(rejects.map { $0["position"] as? Int } == [17, 40])
        #expect(rejects.map { $0["meter"] as? String } == ["a1", "a1"])
        #expect(test.pipeline.counters.rejected == [.crc: 2] && test.pipeline.counters.readings == 1)
        #expect(!test.pipeline.takeDiagnostics().contains { "\($0)".contains("damaged") })
    }

    @Test func `a reject names the meter as soon as its device has one`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        #expect(try #require(rejects(test.send("in/a", "bad")).first)["meter"] == nil)
        _ = test.send("in/a", "id=A1 1-0:1.7.0=5W")
        #expect(try #require(rejects(test.send("in/a", "bad")).first)["meter"] as? String == "a1")
        #expect(try #require(rejects(test.send("in/b", "bad")).first)["meter"] == nil)
    }

    @Test func `a payload that is no text is shown in base64`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        let bytes = Array("bad ".utf8) + [0xff, 0x00]
        let message = RawMessage(topic: "in/a", payload: bytes, received: test.now)
        let reject = try #require(rejects(test.pipeline.handle(message)).first)
        #expect(reject["payload"] == nil)
        #expect((reject["payload_base64"] as? String).flatMap { Data(base64Encoded: $0) } == Data(bytes))
    }

    @Test(arguments: [("x", 4096), ("ü", 4095), ("€", 4094), ("😀", 4093)])
    func `a long payload is cut between characters, and its length told`(character: String, length: Int) throws {
        var test = try TestPipeline([TestPipeline.source()])
        let payload = "bad  " + String(repeating: character, count: 10_000)
        let reject = try #require(rejects(test.send("in/a", payload)).first)
        let text = try #require(reject["payload"] as? String)
        #expect(payload.hasPrefix(text))
        #expect(text.utf8.count == length)
        #expect(reject["payload_bytes"] as? Int == payload.utf8.count)
    }

    @Test func `a telegram that never ends shows its beginning, and how long it was`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        _ = test.send("in/a", "open" + String(repeating: " ", count: 9000))
        let reject = try #require(rejects(test.wait(60_000)).first)
        #expect(reject["reason"] as? String == "telegram.incomplete")
        #expect(reject["payload_bytes"] as? Int == 9004)
    }

    @Test func `of a flood ten are published, and the rest is summed up after a minute`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        var published = 0
        for _ in 0..<500 { published += rejects(test.send("in/a", "bad", after: 10)).count }
        #expect(published == 10)
        #expect(test.pipeline.counters.suppressedRejects == 490)
        #expect(test.pipeline.counters.rejected == [.shape: 500])
        // It holds nothing open for it, and asks for no wake-up: about once a second somebody calls anyway.
        #expect(!test.pipeline.hasOpenGroups)
        #expect(test.pipeline.nextDeadline == nil)
        #expect(test.wait(54_000).isEmpty)
        let summaries = rejects(test.wait(2000))
        #expect(summaries.count == 1)
        #expect(summaries[0]["reason"] as? String == "reject.suppressed")
        #expect(summaries[0]["counts"] as? [String: Int] == ["payload.unexpected": 490])
        #expect(summaries[0]["since"] as? String == "2026-11-20T23:27:08.010Z")
        #expect((summaries[0]["source"] as? [String: String])?["name"] == "src")
        #expect(test.wait(120_000).isEmpty)
        #expect(rejects(test.send("in/a", "bad")).count == 1)
    }

    @Test func `one reason's flood does not hide another reason, nor another source`() throws {
        var test = try TestPipeline([TestPipeline.source(), TestPipeline.source("other", filter: "other/+")])
        for _ in 0..<100 { _ = test.send("in/a", "bad") }
        #expect(rejects(test.send("in/b", "id=" + String(repeating: "A", count: 500) + " 1-0:1.8.0=1kWh")).count == 1)
        #expect(rejects(test.send("other/a", "bad")).count == 1)
    }

    @Test func `a summary that is overdue comes before the next reject`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        for _ in 0..<12 { _ = test.send("in/a", "bad") }
        test.now += .seconds(61)
        let late = rejects(
            test.pipeline.handle(RawMessage(topic: "in/a", payload: Array("bad".utf8), received: test.now)))
        #expect(late.map { $0["reason"] as? String } == ["reject.suppressed", "payload.unexpected"])
    }

    @Test func `a clock that was set back does not silence the dead letter`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        for _ in 0..<12 { _ = test.send("in/a", "bad") }
        #expect(rejects(test.send("in/a", "bad", after: -3_600_000)).count == 2)
    }

    @Test func `the end of a file and a shutdown sum up as well`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        for _ in 0..<12 { _ = test.send("in/a", "bad") }
        #expect(rejects(test.pipeline.flush(at: test.now)).map { $0["reason"] as? String } == ["reject.suppressed"])
    }

    @Test func `without anything left out there is no summary`() throws {
        var test = try TestPipeline([TestPipeline.source()])
        for _ in 0..<10 { _ = test.send("in/a", "bad") }
        #expect(test.wait(61_000).isEmpty)
        #expect(test.pipeline.flush(at: test.now).isEmpty)
    }

    @Test func `a dead letter that the profile switched off is only counted`() throws {
        var test = try TestPipeline([TestPipeline.source()], profile: "{topics: {reject: false}}")
        for _ in 0..<20 { #expect(test.send("in/a", "bad").isEmpty) }
        #expect(test.wait(61_000).isEmpty)
        #expect(test.pipeline.counters.rejected == [.shape: 20])
    }
}
