// SPDX-License-Identifier: Apache-2.0

/// The contents of a series in one span of time: a quarter hour, or a day made of quarters. Numbers are the series'
/// integers.
public struct Bucket: Sendable, Equatable {
    /// The time of the value before the span's first one, in seconds since 1970; nil when there was none. The rise of a
    /// counter since then is in `content`.
    public var since: Int64?
    /// The time of the newest value, in seconds since 1970.
    public var until: Int64
    /// How many quarter hours have values; 1 for a quarter.
    public var quarters: Int
    /// The values of the span.
    public var content: Content

    /// The values of a register in a span.
    public enum Content: Sendable, Equatable {
        case counter(Counter)
        case momentary(Momentary)
    }

    /// A counter: its rise since the value before the span, and its newest value.
    public struct Counter: Sendable, Equatable {
        /// The sum of its rises, never negative.
        public var rise: Int64
        /// The newest value.
        public var last: Int64
        /// The quarter with the highest rise; nil in a quarter itself, and when no quarter is complete.
        public var peak: Peak?
    }

    /// The quarter hour in which a counter rose most.
    public struct Peak: Sendable, Equatable {
        /// The rise in that quarter.
        public var rise: Int64
        /// The quarter's start, in seconds since 1970.
        public var start: Int64
    }

    /// A momentary value.
    public struct Momentary: Sendable, Equatable {
        /// The number of values.
        public var count: Int64
        /// Their sum.
        public var sum: Int64
        /// The lowest.
        public var min: Int64
        /// The highest.
        public var max: Int64
    }
}

extension Bucket {
    /// In a span that counts as complete, values may be this many seconds before its edges.
    static let nearness: Int64 = 300

    /// True when there are values near both edges of a span: nothing of it is missing.
    ///
    /// - Parameter quarters: the number of quarter hours in the span.
    func isWhole(from start: Int64, to end: Int64) -> Bool {
        guard let since, since >= start - Self.nearness, until >= end - Self.nearness else { return false }
        switch content {
        // The sum includes the rise during a gap.
        case .counter: return true
        case .momentary: return Int64(quarters) * Quarter.length >= end - start
        }
    }

    /// The first value of a series in a span.
    ///
    /// - Parameters:
    ///   - previous: the counter's value before; nil when it is not known.
    ///   - since: the time of that value.
    init(_ value: Int64, isCounter: Bool, at second: Int64, after previous: Int64?, since: Int64?) {
        self.since = since
        until = second
        quarters = 1
        content =
            isCounter
            ? .counter(Counter(rise: previous.map { value - $0 } ?? 0, last: value))
            : .momentary(Momentary(count: 1, sum: value, min: value, max: value))
    }

    /// Adds another value. A sum that would overflow stays unchanged.
    mutating func take(_ value: Int64, at second: Int64, after previous: Int64) {
        until = second
        switch content {
        case .counter(var counter):
            counter.rise = counter.rise.addingReportingOverflow(value - previous).partialValue
            counter.last = value
            content = .counter(counter)
        case .momentary(var momentary):
            let (sum, overflow) = momentary.sum.addingReportingOverflow(value)
            guard !overflow else { return }
            momentary.count += 1
            momentary.sum = sum
            momentary.min = Swift.min(momentary.min, value)
            momentary.max = Swift.max(momentary.max, value)
            content = .momentary(momentary)
        }
    }

    /// Appends a later bucket of the same series, to build days from quarters.
    ///
    /// - Parameters:
    ///   - start: the start of the later bucket's span.
    ///   - isQuarter: true when that span is a quarter hour.
    mutating func append(_ later: Bucket, startingAt start: Int64, isQuarter: Bool) {
        until = later.until
        quarters += later.quarters
        switch (content, later.content) {
        case (.counter(var counter), .counter(let other)):
            counter.rise = counter.rise.addingReportingOverflow(other.rise).partialValue
            counter.last = other.last
            if let peak = later.peak(startingAt: start, isQuarter: isQuarter), peak.rise > counter.peak?.rise ?? -1 {
                counter.peak = peak
            }
            content = .counter(counter)
        case (.momentary(var momentary), .momentary(let other)):
            let (sum, overflow) = momentary.sum.addingReportingOverflow(other.sum)
            guard !overflow else { return }
            momentary.count += other.count
            momentary.sum = sum
            momentary.min = Swift.min(momentary.min, other.min)
            momentary.max = Swift.max(momentary.max, other.max)
            content = .momentary(momentary)
        default: break
        }
    }

    /// The first bucket of a span as the beginning of a longer span.
    func opened(startingAt start: Int64, isQuarter: Bool) -> Bucket {
        var bucket = self
        if case .counter(var counter) = content {
            counter.peak = peak(startingAt: start, isQuarter: isQuarter)
            bucket.content = .counter(counter)
        }
        return bucket
    }

    /// The peak of a longer span; for a quarter, the quarter itself if it is complete.
    private func peak(startingAt start: Int64, isQuarter: Bool) -> Peak? {
        guard case .counter(let counter) = content else { return nil }
        guard isQuarter else { return counter.peak }
        return isWhole(from: start, to: start + Quarter.length) ? Peak(rise: counter.rise, start: start) : nil
    }
}
