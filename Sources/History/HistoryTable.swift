// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The history of one register: the answer to a query.
public struct HistoryTable: Sendable, Equatable {
    /// The meter's id.
    public var meter: String
    /// The register's code.
    public var register: OBISCode
    /// The unit of all numbers; nil for numbers without one.
    public var unit: String?
    /// True for a register that only rises.
    public var isCounter: Bool
    /// The length of the spans.
    public var step: HistoryStep
    /// The start of the first span of the query.
    public var from: Timestamp
    /// The end of the last one.
    public var to: Timestamp
    /// The spans with values, oldest first.
    public var rows: [HistoryRow]
}

/// The values of a register in one span of time.
public struct HistoryRow: Sendable, Equatable {
    /// When the span begins.
    public var start: Timestamp
    /// When it ends.
    public var end: Timestamp
    /// The values.
    public var content: Content
    /// True when there are values near both edges, so that nothing is missing.
    public var isComplete: Bool

    /// The values of a register in a span.
    public enum Content: Sendable, Equatable {
        /// A counter: its rise, its value at the end, and for a day or more its highest quarter hour.
        case counter(energy: ExactDecimal, last: ExactDecimal, peak: HistoryPeak?)
        /// A momentary value: the lowest, the mean of all values, and the highest.
        case momentary(min: ExactDecimal, mean: ExactDecimal, max: ExactDecimal)
    }
}

/// The quarter hour in which a counter rose most.
public struct HistoryPeak: Sendable, Equatable {
    /// When it begins.
    public var start: Timestamp
    /// The rise of the counter in it.
    public var energy: ExactDecimal
}

/// Combines the buckets of a register, also of several series, into one row.
struct RowSum {
    private var since: Int64?
    private var until: Int64 = 0
    private var quarters = 0
    private var series: Series?
    private var isBroken = false
    private var rise = ExactDecimal.zero
    private var last = ExactDecimal.zero
    private var peak: HistoryPeak?
    private var count: Int64 = 0
    private var sum = ExactDecimal.zero
    private var low: ExactDecimal?
    private var high: ExactDecimal?

    var isEmpty: Bool { series == nil }

    /// Adds a bucket; buckets are added in order of time.
    mutating func add(_ bucket: Bucket, of series: Series, startingAt start: Int64, isQuarter: Bool) {
        if let known = self.series {
            if known.epoch != series.epoch { isBroken = true }
        } else {
            since = bucket.since
        }
        self.series = series
        until = max(until, bucket.until)
        quarters += bucket.quarters
        switch bucket.content {
        case .counter(let counter):
            rise = rise.adding(series.number(counter.rise)) ?? rise
            last = series.number(counter.last)
            let isPeak = isQuarter && bucket.isWhole(from: start, to: start + Quarter.length)
            let best = isPeak ? Bucket.Peak(rise: counter.rise, start: start) : counter.peak
            guard let best else { return }
            let energy = series.number(best.rise)
            if peak.map({ energy > $0.energy }) ?? true {
                peak = HistoryPeak(start: Timestamp(seconds: best.start), energy: energy)
            }
        case .momentary(let momentary):
            count += momentary.count
            sum = sum.adding(series.number(momentary.sum)) ?? sum
            let (lowest, highest) = (series.number(momentary.min), series.number(momentary.max))
            low = low.map { min($0, lowest) } ?? lowest
            high = high.map { max($0, highest) } ?? highest
        }
    }

    /// The row of a span; nil when there was no bucket.
    func row(from start: Int64, to end: Int64, showsPeak: Bool) -> HistoryRow? {
        guard let series else { return nil }
        let content: HistoryRow.Content
        if series.isCounter {
            content = .counter(energy: rise, last: last, peak: showsPeak ? peak : nil)
        } else {
            guard let low, let high else { return nil }
            content = .momentary(min: low, mean: mean(exponent: series.exponent - 1), max: high)
        }
        let whole = Bucket(since: since, until: until, quarters: quarters, content: series.emptyContent)
        return HistoryRow(
            start: Timestamp(seconds: start), end: Timestamp(seconds: end), content: content,
            isComplete: !isBroken && whole.isWhole(from: start, to: end))
    }

    /// The mean, with one digit more than the values have.
    private func mean(exponent: Int) -> ExactDecimal {
        guard count > 0, let digits = sum.integer(exponent: exponent) else { return sum }
        let (quotient, remainder) = digits.quotientAndRemainder(dividingBy: count)
        let roundsUp = remainder.magnitude >= UInt64(count) - remainder.magnitude
        return ExactDecimal(quotient + (roundsUp ? digits.signum() : 0), exponent: exponent)
    }
}

extension Series {
    fileprivate var emptyContent: Bucket.Content {
        isCounter
            ? .counter(Bucket.Counter(rise: 0, last: 0))
            : .momentary(Bucket.Momentary(count: 0, sum: 0, min: 0, max: 0))
    }
}
