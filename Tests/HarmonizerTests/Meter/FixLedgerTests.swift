// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Harmonizer

/// A repair is told once, and not with every message.
@Suite struct FixLedgerTests {
    /// A ledger that #expect can ask.
    private final class Book {
        private var ledger = FixLedger()
        var counts: [Fix.Rule: Int] { ledger.counts }
        func note(_ fix: Fix, source: String, at time: Timestamp) -> Bool {
            ledger.note(fix, source: source, at: time) != nil
        }
    }

    private let start = Timestamp(seconds: 1_795_217_228)
    private let missing = Fix(.timeMissing, fields: ["time"], action: .substitute, with: "received")

    @Test func `the first is news and the same again is not`() {
        let ledger = Book()
        #expect(ledger.note(missing, source: "a", at: start))
        for second in 1...1000 {
            #expect(!ledger.note(missing, source: "a", at: start + .seconds(Int64(second))))
        }
        #expect(ledger.counts == [.timeMissing: 1001])
    }

    @Test func `another source, rule, register or action is news`() {
        let ledger = Book()
        #expect(ledger.note(missing, source: "a", at: start))
        #expect(ledger.note(missing, source: "b", at: start))
        #expect(ledger.note(Fix(.idMissing, fields: ["meter"], action: .substitute), source: "a", at: start))
        let dropped = Fix(.valueDropped, fields: ["1-0:1.8.0"], action: .drop)
        #expect(ledger.note(dropped, source: "a", at: start))
        var other = dropped
        other.fields = ["1-0:1.8.0", "1-0:2.8.0"]
        #expect(ledger.note(other, source: "a", at: start))
        #expect(!ledger.note(dropped, source: "a", at: start))
        other.action = .flag
        #expect(ledger.note(other, source: "a", at: start))
    }

    @Test func `another value of the same register is no news`() {
        let ledger = Book()
        for value in 0..<100 {
            let fix = Fix(.timeUnsynced, fields: ["time"], action: .substitute, original: "1970-01-01T00:00:\(value)")
            #expect(ledger.note(fix, source: "a", at: start) == (value == 0))
        }
    }

    @Test func `what comes back after an hour is news`() {
        let ledger = Book()
        #expect(ledger.note(missing, source: "a", at: start))
        #expect(!ledger.note(missing, source: "a", at: start + .hours(1)))
        #expect(ledger.note(missing, source: "a", at: start + .milliseconds(7_200_001)))
    }

    @Test func `a sender that invents registers or sources is not told about for ever`() {
        let ledger = Book()
        var news = 0
        for number in 0..<1000 {
            let fix = Fix(.valueDropped, fields: ["1-0:\(number).8.0"], action: .drop)
            if ledger.note(fix, source: "a", at: start) { news += 1 }
            if ledger.note(missing, source: "\(number)", at: start) { news += 1 }
        }
        #expect(news <= 250)
        #expect(ledger.counts[.valueDropped] == 1000)
    }
}
