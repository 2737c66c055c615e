// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The values and fixes of one register in one row.
struct RegisterRecord: Sendable {
    /// A harmonised value.
    struct Sample: Sendable {
        /// Since the start: the reading's own time, and its arrival.
        var time: TimeSpan
        var arrival: TimeSpan
        var value: ExactDecimal
    }

    /// How often the meter sent the register, plausible or not.
    var sent = 0
    /// How often the bridge published the register as sent, and how often it computed it.
    var published = 0
    var derived = 0
    /// The newest published value as text.
    var newest: String?
    var unit: Unit?
    /// True when a number came without a known unit.
    var lacksUnit = false
    /// The published numbers, with computed ones.
    private(set) var samples: [Sample] = []
    /// The first fix of each rule, and whether the register was published without a fix after the last one.
    private(set) var fixes: [Fix.Rule: Fix] = [:]
    private(set) var isRecovered = true

    private static let limit = 20_000

    mutating func note(_ sample: Sample) {
        if samples.count < Self.limit { samples.append(sample) }
    }

    mutating func note(_ fix: Fix) {
        if fixes[fix.rule] == nil { fixes[fix.rule] = fix }
        isRecovered = false
    }

    mutating func wasFine() { isRecovered = true }

    /// The most decimals of any value.
    var decimals: Int { samples.lazy.map { max(0, -$0.value.exponent) }.max() ?? 0 }

    /// The numbers whose time is within `span` of `time`.
    func samples(near time: TimeSpan, within span: TimeSpan) -> ArraySlice<Sample> {
        let first = index(from: time - span)
        return samples[first...].prefix { $0.time <= time + span }
    }

    /// The number whose time is nearest to `time`.
    func nearest(_ time: TimeSpan) -> Sample? {
        let next = index(from: time)
        let candidates = [next - 1, next].filter(samples.indices.contains).map { samples[$0] }
        return candidates.min { ($0.time - time).magnitude < ($1.time - time).magnitude }
    }

    /// The index of the first number not earlier than `time`.
    private func index(from time: TimeSpan) -> Int {
        var low = 0
        var high = samples.count
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].time < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Sorts the numbers by time: delayed readings come out of order.
    mutating func sort() { samples.sort { ($0.time, $0.arrival) < ($1.time, $1.arrival) } }
}
