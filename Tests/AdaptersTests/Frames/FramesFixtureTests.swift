// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import TestSupport
import Testing

@testable import Adapters

/// The fixtures of the adapter once more: cut, damaged, and with noise around them.
@Suite struct FramesFixtureTests {
    private struct Sample: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var payload: [UInt8]
        var options: AdapterOptions
    }

    private static let samples: [Sample] = Fixture.all.filter { $0.adapter == "frames" && $0.steps.count == 1 }.map {
        let step = $0.steps[0]
        var options = AdapterOptions(keys: step.keys)
        options.lists = step.list.flatMap { PushList.shipped(named: $0) }.map { [$0] }
        return Sample(testDescription: $0.name, payload: step.message?.payload ?? [], options: options)
    }

    @Test(arguments: samples) private func `a payload reads the same wherever it is cut`(sample: Sample) {
        let whole = FramesRun.whole(sample.payload, sample.options).telegrams
        for cut in 1..<sample.payload.count {
            var run = FramesRun(sample.options)
            run.take(sample.payload[..<cut])
            run.take(sample.payload[cut...])
            run.finish()
            #expect(run.telegrams == whole, "\(cut)")
        }
    }

    /// Those whose bytes a checksum or a tag protects.
    private static let protected = samples.filter {
        !["hdlc-damaged", "untagged", "compact-array", "wrapper", "body-hexadecimal"].contains($0.testDescription)
    }

    @Test(arguments: protected) private func `no flipped bit makes another reading`(sample: Sample) {
        let whole = FramesRun.whole(sample.payload, sample.options).telegrams
        var payload = sample.payload
        for bit in 0..<8 * payload.count {
            payload[bit / 8] ^= 1 << UInt8(bit % 8)
            let telegrams = FramesRun.whole(payload, sample.options).telegrams
            payload[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(telegrams.allSatisfy { whole.contains($0) }, "bit \(bit)")
        }
    }

    @Test(arguments: 0..<4) func `after any damage the next whole frames are read`(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        let good = try #require(Self.samples.first { $0.testDescription == "hdlc-triples" })
        let wanted = FramesRun.whole(good.payload).telegrams
        var run = FramesRun()
        run.take(good.payload)
        for _ in 0..<200 {
            let sample = try #require(Self.samples.randomElement(using: &random))
            run.take(sample.payload.damaged(marks: "~h\u{1b}", using: &random))
        }
        // What was open may swallow the first.
        run.take(good.payload, after: 20)
        let verdict = run.take(good.payload)
        guard case .telegrams(let telegrams, _, _) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(telegrams.contains { wanted.contains($0) })
        run.finish()
        #expect(run.decoder.openSince == nil)
    }

    @Test func `a source that changes its kind of frames is read again`() throws {
        let samples = Dictionary(uniqueKeysWithValues: Self.samples.map { ($0.testDescription, $0.payload) })
        var run = FramesRun()
        run.take(try #require(samples["hdlc-triples"]))
        for _ in 0..<20 { run.take(try #require(samples["sml"])) }
        #expect(run.telegrams.last?.id?.text == "1ISK0012345678")
    }

    @Test func `what is shipped has no name twice and reads as it is written`() {
        let names = PushList.shipped.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(throws: LabelDictionaryError.self) {
            try PushList.load(yaml: "lists: {a: {shape: positional, values: [1-0:1.7.0 X]}}", path: "a.yaml")
        }
        #expect(throws: LabelDictionaryError.self) {
            try PushList.load(yaml: "lists: {a: {scales: {energy: 7}}}", path: "a.yaml")
        }
    }
}
