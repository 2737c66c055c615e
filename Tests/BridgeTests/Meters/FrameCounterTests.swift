// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing
import Wire

@testable import bridge

/// The counters of encrypted frames: what is new, what the broker delivers again, what somebody plays again; before and after a
/// restart.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct FrameCounterTests {
    private static let key = "000102030405060708090A0B0C0D0E0F"
    private static let authentication = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"
    private static let title: [UInt8] = Array("MUP".utf8) + [0x00, 0x00, 0x00, 0x2A, 0x07]
    private static let source =
        "zone: UTC\nsources: {cellar: {adapter: frames, subscribe: raw, decryption_key: \(key), "
        + "authentication_key: \(authentication)}}\n"

    /// A frame with a tag: a list with an id, a power, and with `clock` the time of a day.
    private static func frame(
        _ counter: UInt32, watts: UInt16 = 1000, clock: UInt8? = nil, hasTag: Bool = true
    ) throws -> [UInt8] {
        var plain: [UInt8] = [0x0F, 0x40, 0, 0, 0]
        if let clock {
            plain += [12, 0x07, 0xEA, 11, 20, 5, 12, clock, 0, 0xFF, 0, 0, 0]
        } else {
            plain += [0]
        }
        plain += [0x01, 2, 0x02, 2, 0x09, 6, 0, 0, 96, 1, 0, 255, 0x0A, 4] + Array("ABC1".utf8)
        plain += [0x02, 3, 0x09, 6, 1, 0, 1, 7, 0, 255, 0x12, UInt8(watts >> 8), UInt8(watts & 255)]
        plain += [0x02, 2, 0x0F, 0, 0x16, 0x1B]
        func bytes(_ digits: String) -> [UInt8] {
            stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
        }
        let count = (0..<4).map { UInt8(truncatingIfNeeded: counter >> (24 - 8 * UInt32($0))) }
        let nonce: [UInt8] = title + count
        let head: [UInt8] = [0x30] + bytes(authentication)
        let sealed = try #require(AESGCM.seal(plain, key: bytes(key), nonce: nonce, authenticating: head))
        let tag = hasTag ? Array(sealed.tag.prefix(12)) : []
        let content: [UInt8] = [hasTag ? 0x30 : 0x20] + count + sealed.ciphertext + tag
        return [0xDB, 8] + title + [UInt8(content.count)] + content
    }

    private func readings(_ publications: [Publication]) -> [String] { publications.texts("/reading") }

    private func isReplay(_ publications: [Publication]) -> Bool {
        publications.texts("/reject").contains { $0.contains("\"telegram.replay\"") }
    }

    private func run() throws -> ConfiguredRun { try ConfiguredRun(Self.source) }

    @Test func `after a restart a known frame gives its reading again, and any other with a used counter is a replay`()
        throws
    {
        var run = try run()
        var first: [UInt32: [String]] = [:]
        for counter in [10, 11, 13, 14] as [UInt32] {
            first[counter] = readings(
                run.send("raw", try Self.frame(counter, watts: 1000 + UInt16(counter)), after: 10_000))
            #expect(first[counter]?.count == 1)
        }
        run.restart()
        for counter in [13, 10, 14] as [UInt32] {
            let again = readings(run.send("raw", try Self.frame(counter, watts: 1000 + UInt16(counter)), after: 100))
            let ids = [first[counter] ?? [], again].map { $0.map { Received("x \($0)").object["id"] as? String } }
            #expect(ids[0] == ids[1], "\(counter)")
            #expect(ids[0].count == 1)
        }
        // Never seen, though lower than the highest: it was held back.
        #expect(isReplay(run.send("raw", try Self.frame(12), after: 100)))
        #expect(isReplay(run.send("raw", try Self.frame(9), after: 100)))
        // The same counter with other bytes.
        #expect(isReplay(run.send("raw", try Self.frame(14, watts: 7), after: 100)))
        #expect(readings(run.send("raw", try Self.frame(15), after: 100)).count == 1)
    }

    @Test func `two hundred frames are known after a restart, and no more`() throws {
        var run = try run()
        for counter in 1...250 as ClosedRange<UInt32> { run.send("raw", try Self.frame(counter), after: 1000) }
        run.restart()
        #expect(readings(run.send("raw", try Self.frame(51), after: 100)).count == 1)
        #expect(isReplay(run.send("raw", try Self.frame(50), after: 100)))
        run.restart()
        #expect(readings(run.send("raw", try Self.frame(51), after: 100)).count == 1)
        #expect(isReplay(run.send("raw", try Self.frame(50), after: 100)))
    }

    @Test func `accept lets the counters begin anew, also after a restart`() throws {
        var run = try run()
        run.send("raw", try Self.frame(1000), after: 1000)
        #expect(isReplay(run.send("raw", try Self.frame(5), after: 1000)))
        #expect(
            run.kept["harmonized/v1/meter/abc1/state"]?.contains("\"sender\":{\"name\":\"4D55500000002A07\"") == true)
        var pipeline = run.pipeline
        let answer = pipeline.command(Command(.accept, meter: "abc1", request: "r").payload, at: run.now)
        #expect(
            answer.last.map { String(decoding: $0.payload, as: UTF8.self) }?.contains(
                "meter abc1: the next frame of 4D55500000002A07 may have any counter") == true)
        let state = try #require(answer.first { $0.topic.hasSuffix("/state") })
        #expect(!String(decoding: state.payload, as: UTF8.self).contains("sender"))
        let raw = RawMessage(topic: "raw", payload: try Self.frame(5), received: run.now)
        #expect(readings(pipeline.handle(raw)).count == 1)
        // A bridge that starts from that state.
        var other = try ConfiguredRun(Self.source)
        other.send("raw", try Self.frame(1000), after: 1000)
        var restarted = Pipeline(try ConfiguredRun.settings(Self.source))
        for (topic, text) in other.kept where !topic.hasSuffix("/state") {
            restarted.restore(RawMessage(topic: topic, payload: Array(text.utf8), isRetained: true, received: run.now))
        }
        restarted.restore(RawMessage(topic: state.topic, payload: state.payload, isRetained: true, received: run.now))
        #expect(readings(restarted.handle(raw)).count == 1)
    }

    @Test func `a frame without its tag is refused once one with a tag was read`() throws {
        var run = try run()
        #expect(readings(run.send("raw", try Self.frame(1, hasTag: false), after: 1000)).count == 1)
        #expect(readings(run.send("raw", try Self.frame(10), after: 1000)).count == 1)
        for _ in 0..<2 {
            let refused = run.send("raw", try Self.frame(11, hasTag: false), after: 1000)
            #expect(refused.texts("/reject").contains { $0.contains("has no tag, though earlier ones had") })
            run.restart()
        }
        // Only the bit that says so: the tag is content now.
        var changed = try Self.frame(12)
        changed[11] = 0x20
        var other = try self.run()
        #expect(
            other.send("raw", changed, after: 1000).texts("/reject").contains {
                $0.contains("somebody took its tag for content")
            })
    }

    @Test func `a forgotten meter comes back with any counter`() throws {
        var run = try run()
        run.send("raw", try Self.frame(1000), after: 1000)
        var pipeline = run.pipeline
        _ = pipeline.command(Command(.forget, meter: "abc1", request: "r").payload, at: run.now)
        let raw = RawMessage(topic: "raw", payload: try Self.frame(5), received: run.now)
        #expect(readings(pipeline.handle(raw)).count == 1)
    }

    @Test func `a reload that makes a new decoder keeps the counters`() throws {
        var run = try run()
        run.send("raw", try Self.frame(1000), after: 1000)
        run.reload(
            try ConfiguredRun.settings(Self.source.replacing("subscribe: raw", with: "subscribe: raw, list: as-sent")))
        #expect(isReplay(run.send("raw", try Self.frame(999), after: 1000)))
        #expect(readings(run.send("raw", try Self.frame(1001), after: 1000)).count == 1)
    }

    @Test func `three rising frames with a newer clock begin anew after a restart, too`() throws {
        var run = try run()
        run.send("raw", try Self.frame(1000, clock: 10), after: 1000)
        run.restart()
        // Recorded frames have an older clock.
        for counter in 1...3 as ClosedRange<UInt32> {
            #expect(isReplay(run.send("raw", try Self.frame(counter, clock: UInt8(counter)), after: 1000)))
        }
        #expect(isReplay(run.send("raw", try Self.frame(1, clock: 11), after: 1000)))
        #expect(isReplay(run.send("raw", try Self.frame(2, clock: 12), after: 1000)))
        #expect(readings(run.send("raw", try Self.frame(3, clock: 13), after: 1000)).count == 1)
    }

    @Test func `a state that somebody changed is no reason to fail`() throws {
        var run = try run()
        run.send("raw", try Self.frame(1000), after: 1000)
        let text = try #require(run.kept["harmonized/v1/meter/abc1/state"])
        for memory in [
            "", " ", "5 ", "5", "5-1 00000000", "1-400 00", "1,1 00000000", "x 0000", "5 zzzz", "4294967295 0000 x",
        ] {
            let changed = text.replacing(/"memory":"[^"]*"/, with: "\"memory\":\"\(memory)\"")
            var pipeline = Pipeline(try ConfiguredRun.settings(Self.source))
            pipeline.restore(
                RawMessage(
                    topic: "harmonized/v1/meter/abc1/state", payload: Array(changed.utf8), isRetained: true,
                    received: run.now))
            let raw = RawMessage(topic: "raw", payload: try Self.frame(5), received: run.now)
            let isBelieved = !memory.hasPrefix("4294967295")
            #expect(readings(pipeline.handle(raw)).count == (isBelieved ? 1 : 0), "\(memory)")
        }
    }

    @Test func `a bridge that was killed refuses what it read long ago and reads what the broker has kept`() throws {
        let broker = try MosquittoBroker()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let folder = try TemporaryDirectory()
        let configuration = "bridge: counters\nbroker: mqtt://localhost:\(broker.port)\n" + Self.source
        func publish(_ counter: UInt32) throws {
            let text = try Self.frame(counter).map { String(format: "%02X", $0) }.joined()
            try mosquittoPub(port: broker.port, topic: "raw", payload: text)
        }
        func count(_ lines: [String], _ ending: String, _ text: String = "harmonized") -> Int {
            lines.count { Received($0).topic.hasSuffix(ending) && $0.contains(text) }
        }
        let bridge = try RunningBridge(configuration, in: folder)
        try publish(100)
        try publish(102)
        #expect(output.wait { count($0, "/reading") == 2 }, "\(output.messages)\n\(bridge.log)")
        bridge.process.kill(SIGKILL)
        _ = bridge.process.wait()
        let again = try RunningBridge(configuration, in: folder)
        try publish(102)
        try publish(101)
        try publish(103)
        #expect(
            output.wait(seconds: 30) { lines in
                // What was not acknowledged when it was killed is delivered again: the same reading with the same id.
                count(lines, "/reading") >= 4 && count(lines, "/reject", "telegram.replay") == 1
                    && lines.contains { $0.contains("102-103 ") }
            },
            "\(output.messages)\n\(again.log)")
        #expect(again.stop() == 0)
    }
}
