// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer
import Testing

/// Every frame of the corpus against what its index says of it.
@Suite(.enabled(if: !FramesCorpus.entries.isEmpty)) struct FramesCorpusTests {
    @Test(arguments: FramesCorpus.entries) func `a frame gives exactly the registers of its index`(
        entry: FramesCorpus.Entry
    ) {
        let run = FramesRun.whole(entry.bytes, entry.options)
        switch entry.expect {
        case "ok" where FramesExpectation.refused.keys.contains(entry.name):
            #expect(run.telegrams.isEmpty)
            #expect(run.rejections.map(\.reason.rawValue) == [FramesExpectation.refused[entry.name]])
        case "ok", "quirk":
            let difference = FramesExpectation(entry).difference(from: run.telegrams)
            #expect(difference == [], "\(run.verdicts)")
        case "first ok, second replay":
            #expect(run.telegrams.count == 1)
            #expect(run.reasons.contains { $0.contains("telegram.replay") })
        case "encrypted":
            #expect(run.telegrams.isEmpty && run.rejections.first?.reason == .encrypted, "\(run.verdicts)")
        case "crc", "incomplete", "refused":
            #expect(run.telegrams.isEmpty && !run.rejections.isEmpty, "\(run.verdicts)")
        default: Issue.record("unknown expectation \(entry.expect)")
        }
    }

    @Test func `a quirk is needed for a frame whose tags are swapped`() throws {
        let entry = try #require(FramesCorpus.entries.first { $0.name == "lg-zmf100-hdlc-swapped" })
        #expect(FramesRun.whole(entry.bytes).telegrams.isEmpty)
    }

    @Test(arguments: FramesCorpus.entries) func `a capture reads the same wherever it is cut`(entry: FramesCorpus.Entry)
    {
        let whole = FramesRun.whole(entry.bytes, entry.options).telegrams
        for cut in 1..<entry.bytes.count {
            var run = FramesRun(entry.options)
            run.take(entry.bytes[..<cut])
            run.take(entry.bytes[cut...])
            run.finish()
            #expect(run.telegrams == whole, "cut at \(cut)")
            if run.telegrams != whole { break }
        }
    }

    @Test(arguments: FramesCorpus.entries) func `a capture reads the same byte by byte`(entry: FramesCorpus.Entry) {
        let whole = FramesRun.whole(entry.bytes, entry.options).telegrams
        var run = FramesRun(entry.options)
        for byte in entry.bytes { run.take([byte], after: 0) }
        run.finish()
        #expect(run.telegrams == whole)
    }

    @Test(arguments: FramesCorpus.entries.filter { !$0.isUnprotected })
    func `no single bit that is flipped makes another reading`(entry: FramesCorpus.Entry) {
        var whole = FramesRun.whole(entry.bytes, entry.options).telegrams
        if entry.name == "glo-replay" {
            // When the first frame is lost, the second is no replay.
            whole += FramesRun.whole(Array(entry.bytes.suffix(entry.bytes.count / 2)), entry.options).telegrams
        }
        var bytes = entry.bytes
        for bit in 0..<8 * bytes.count {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let telegrams = FramesRun.whole(bytes, entry.options).telegrams
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let isSound = telegrams.allSatisfy { whole.contains($0) }
            #expect(isSound, "bit \(bit)")
            if !isSound { break }
        }
    }

    /// A message with a tag and no frame around it: from the security control on everything is under the tag, and the title before it
    /// is a part of the nonce.
    @Test(arguments: FramesCorpus.entries.filter(\.isSealedMessage))
    func `a bit under a tag that is flipped leaves no reading`(entry: FramesCorpus.Entry) {
        var bytes = entry.bytes
        var read: [Int] = []
        for bit in 0..<8 * bytes.count {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            if !FramesRun.whole(bytes, entry.options).telegrams.isEmpty { read.append(bit) }
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let places = read.prefix(20).map { "\($0 / 8).\($0 % 8)" }
        #expect(read.isEmpty, "\(read.count) of \(8 * bytes.count) bits: \(places)")
    }

    /// A single frame of bytes: behind its first and before its last byte, which only say where it is, everything is under its
    /// checksum.
    @Test(arguments: FramesCorpus.entries.filter(\.isOneFrame))
    func `a bit under a checksum that is flipped leaves no reading`(entry: FramesCorpus.Entry) {
        var bytes = entry.bytes
        var read: [Int] = []
        for bit in 8..<8 * (bytes.count - 1) {
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            if !FramesRun.whole(bytes, entry.options).telegrams.isEmpty { read.append(bit) }
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        let places = read.prefix(20).map { "\($0 / 8).\($0 % 8)" }
        #expect(read.isEmpty, "\(read.count) of \(8 * (bytes.count - 2)) bits: \(places)")
    }
}
