// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import Adapters

/// Which frames of an encrypted meter are new, and whose words say why one is refused.
@Suite struct FramesSecurityTests {
    private typealias Judgement = InvocationGuard.Judgement

    private func judge(
        _ guarded: inout InvocationGuard, _ counter: UInt32, tag: UInt64? = nil, time: Int64? = nil,
        isRedelivered: Bool = false
    ) -> Judgement {
        guarded.judge(
            title: 7, counter: counter, tag: tag ?? UInt64(counter) * 3, time: time, isRedelivered: isRedelivered)
    }

    @Test func `counters that rise are new, the same frame is a duplicate, everything else a replay`() {
        var guarded = InvocationGuard()
        #expect(judge(&guarded, 10) == .new)
        #expect(judge(&guarded, 12) == .new)
        #expect(judge(&guarded, 10) == .duplicate)
        #expect(judge(&guarded, 12) == .duplicate)
        #expect(judge(&guarded, 12, tag: 1) == .replay(last: 12))
        #expect(judge(&guarded, 11) == .replay(last: 12))
        #expect(judge(&guarded, 13) == .new)
    }

    @Test func `what the broker delivers again is read again, but not another frame under a used counter`() {
        var guarded = InvocationGuard()
        #expect(judge(&guarded, 10) == .new)
        #expect(judge(&guarded, 9, isRedelivered: true) == .duplicate)
        #expect(judge(&guarded, 10, tag: 1, isRedelivered: true) == .replay(last: 10))
    }

    @Test func `the last two hundred frames are known, older ones are not`() {
        var guarded = InvocationGuard()
        for counter in 1...300 { #expect(judge(&guarded, UInt32(counter)) == .new) }
        #expect(judge(&guarded, 101) == .duplicate)
        #expect(judge(&guarded, 100) == .replay(last: 300))
    }

    @Test func `a meter that begins anew needs three rising frames with a newer clock`() {
        var guarded = InvocationGuard()
        #expect(judge(&guarded, 1000, time: 100) == .new)
        // Recorded frames have an old clock, however they rise.
        for counter in 1...5 { #expect(judge(&guarded, UInt32(counter), time: 50 + Int64(counter)) != .new) }
        #expect(judge(&guarded, 1, time: 110) == .replay(last: 1000))
        #expect(judge(&guarded, 2, time: 120) == .replay(last: 1000))
        #expect(judge(&guarded, 3, time: 130) == .new)
        #expect(judge(&guarded, 4, time: 140) == .new)
        #expect(judge(&guarded, 2, time: 120) == .replay(last: 4))
    }

    @Test func `a broker that delivers a crash's two hundred messages again gets them all read`() throws {
        let fixture = try #require(Fixture.all.first { $0.adapter == "frames" && $0.name == "replay" })
        let options = AdapterOptions(keys: fixture.steps[0].keys)
        let first = try #require(fixture.steps[0].message?.payload)
        let older = try #require(fixture.steps[1].message?.payload)
        var run = FramesRun(options)
        run.take(older)
        run.take(first)
        run.take(older)
        run.take(first)
        #expect(run.telegrams.count == 4)
        #expect(run.telegrams[1].memory == run.telegrams[2].memory)
        let telegrams = run.telegrams.map { telegram in
            var telegram = telegram
            telegram.memory = nil
            return telegram
        }
        #expect(telegrams[0] == telegrams[2] && telegrams[1] == telegrams[3])
        // In the other order the older one was never seen.
        run = FramesRun(options)
        run.take(first)
        run.take(older)
        #expect(run.telegrams.count == 1 && run.rejections.map(\.reason) == [.replay])
        run = FramesRun(options)
        run.take(first)
        run.take(older, isRedelivered: true)
        #expect(run.telegrams.count == 2)
    }

    @Test func `keys are chosen by the system title and shown by nothing`() throws {
        let fixture = try #require(Fixture.all.first { $0.adapter == "frames" && $0.name == "glo" })
        let payload = try #require(fixture.steps[0].message?.payload)
        let keys = try #require(fixture.steps[0].keys)
        let wrong = try MeterKeys(
            decryption: String(repeating: "00", count: 16), authentication: String(repeating: "00", count: 16))
        var options = AdapterOptions(keys: wrong)
        let (isAdded, isShort) = (
            options.frameKeys.add(keys, title: "4C475A0000000042"), options.frameKeys.add(keys, title: "4C475A")
        )
        #expect(isAdded && !isShort)
        #expect(FramesRun.whole(payload, options).telegrams.count == 1)
        var other = AdapterOptions(keys: keys)
        _ = other.frameKeys.add(wrong, title: "4C475A0000000042")
        #expect(FramesRun.whole(payload, other).rejections.map(\.reason) == [.encrypted])
        var shown = ""
        dump(options, to: &shown)
        #expect(!"\(options)\(shown)".uppercased().contains("A0A1A2"))
        #expect(!"\(options)\(shown)".contains("160, 161, 162"))
    }

    @Test func `one key of two is enough where the user says so`() throws {
        let fixture = try #require(Fixture.all.first { $0.adapter == "frames" && $0.name == "glo-one-key" })
        let payload = try #require(fixture.steps[0].message?.payload)
        var options = AdapterOptions(keys: fixture.steps[0].keys)
        options.frameKeys.authentication = .none
        let run = FramesRun.whole(payload, options)
        #expect(run.telegrams.count == 1)
        #expect(run.remarks.contains { $0.contains("no tag that could be checked") })
    }
}
