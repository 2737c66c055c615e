// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// What one row showed of one register.
struct RegisterRecord: Sendable {
    /// A harmonised value.
    struct Sample: Sendable {
        /// The time since the start, by the reading's own time and by its arrival.
        var time: TimeSpan
        var arrival: TimeSpan
        var value: ExactDecimal
    }

    /// How often the meter sent it, believed or not.
    var sent = 0
    /// How often it was published as the meter sent it, and how often computed.
    var published = 0
    var derived = 0
    /// The newest published value as text.
    var newest: String?
    var unit: Unit?
    /// True when the meter's number came without a unit that anybody knows.
    var lacksUnit = false
    /// Its numbers, computed ones too.
    private(set) var samples: [Sample] = []
    /// What was done about it, and whether it was published unchallenged after that.
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

    /// The digits behind the point that its values have at most.
    var decimals: Int { samples.lazy.map { max(0, -$0.value.exponent) }.max() ?? 0 }

    /// Numbers whose time is within `span` of a moment.
    func samples(near time: TimeSpan, within span: TimeSpan) -> ArraySlice<Sample> {
        let first = index(from: time - span)
        return samples[first...].prefix { $0.time <= time + span }
    }

    /// The number whose time is nearest.
    func nearest(_ time: TimeSpan) -> Sample? {
        let next = index(from: time)
        let candidates = [next - 1, next].filter(samples.indices.contains).map { samples[$0] }
        return candidates.min { ($0.time - time).magnitude < ($1.time - time).magnitude }
    }

    /// The first number that is not earlier.
    private func index(from time: TimeSpan) -> Int {
        var low = 0
        var high = samples.count
        while low < high {
            let middle = (low + high) / 2
            if samples[middle].time < time { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Delayed readings come out of order.
    mutating func sort() { samples.sort { ($0.time, $0.arrival) < ($1.time, $1.arrival) } }
}
