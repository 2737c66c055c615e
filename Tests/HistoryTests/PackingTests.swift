// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Harmonizer
@testable import History

/// Rows come back as they were written, and bytes that are no row end no program.
@Suite struct PackingTests {
    private func entries(_ random: inout SplitMix64, start: Int64) -> [Entry] {
        var series: Int64 = 0
        let common = (since: Optional(start - Int64.random(in: -5...10, using: &random)), until: start + 890)
        return (0..<Int.random(in: 0...40, using: &random)).map { _ in
            series += Int64.random(in: 1...300, using: &random)
            let times =
                Bool.random(using: &random)
                ? common
                : (
                    Bool.random(using: &random) ? nil : start - Int64.random(in: -100_000...1_000_000, using: &random),
                    start + Int64.random(in: 1...90_000, using: &random)
                )
            let big = Int64.random(in: 0...1_000_000_000_000, using: &random)
            let content: Bucket.Content
            if Bool.random(using: &random) {
                let peak = Bool.random(using: &random) ? Bucket.Peak(rise: 7, start: start + 1800) : nil
                content = .counter(Bucket.Counter(rise: big % 1000, last: big, peak: peak))
            } else {
                let low = Int64.random(in: -30_000...30_000, using: &random)
                content = .momentary(
                    Bucket.Momentary(count: 90, sum: low * 90 + big % 999, min: low, max: low + big % 5000))
            }
            return Entry(
                series: series,
                bucket: Bucket(
                    since: times.0, until: times.1, quarters: Bool.random(using: &random) ? 1 : 96, content: content))
        }
    }

    @Test func `a row comes back as it was written`() {
        var random = SplitMix64(state: 24)
        for _ in 0..<500 {
            let start = Int64.random(in: -10_000...3_000_000, using: &random) * 900
            let entries = entries(&random, start: start)
            let packed = Row.packed(entries, start: start)
            #expect(Row.entries(packed, start: start) == entries)
            let first = Int64.random(in: 1...4000, using: &random)
            let some = first...(first + Int64.random(in: 0...2000, using: &random))
            #expect(Row.entries(packed, start: start, of: some) == entries.filter { some.contains($0.series) })
        }
    }

    @Test func `a damaged row is no row and ends nothing`() {
        var random = SplitMix64(state: 25)
        for _ in 0..<300 {
            var bytes = Row.packed(entries(&random, start: 900), start: 900)
            for _ in 0..<4 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = Row.entries(bytes, start: 900)
            _ = RawBlock.readings(bytes, start: 900)
            for end in bytes.indices {
                _ = Row.entries(Array(bytes[..<end]), start: 900)
                _ = Row.entries(Array(bytes[..<end]), start: 900, of: 1...200)
            }
        }
    }

    @Test func `raw readings come back as they were read`() {
        var random = SplitMix64(state: 26)
        var block = RawBlock()
        var wanted: [RawBlock.Reading] = []
        for number in 0..<60 {
            let series = number < 40 ? Array(1...30) : [3, 9, 2]
            let values = series.map { (Int64($0), Int64.random(in: -1_000_000...1_000_000, using: &random)) }
            let time = Timestamp(seconds: 1_780_000_000 + Int64(number) * 10, microseconds: 412_000)
            block.append(values.map { (series: $0.0, value: $0.1) }, at: time)
            wanted.append(
                RawBlock.Reading(
                    milliseconds: time.seconds * 1000 + 412, values: Dictionary(uniqueKeysWithValues: values)))
        }
        #expect(RawBlock.readings(block.bytes, start: block.start) == wanted)
    }
}
