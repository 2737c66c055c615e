// SPDX-License-Identifier: Apache-2.0

/// What is known of a series in one span of time: a quarter hour, or a day made of them. Numbers are the series' integers.
public struct Bucket: Sendable, Equatable {
    /// When the value before the span's first one was true, in seconds since 1970; nil when there was none. What a counter rose by
    /// since then is in `content`.
    public var since: Int64?
    /// When the newest value was true.
    public var until: Int64
    /// How many quarter hours have values: 1 of a quarter.
    public var quarters: Int
    /// What was read.
    public var content: Content

    /// What was read of a register.
    public enum Content: Sendable, Equatable {
        case counter(Counter)
        case momentary(Momentary)
    }

    /// A counter: how much it rose by since the value before, and where it stands.
    public struct Counter: Sendable, Equatable {
        /// The sum of its rises, never negative.
        public var rise: Int64
        /// The newest value.
        public var last: Int64
        /// The quarter with the highest rise; nil in a quarter itself, and where no quarter is whole.
        public var peak: Peak?
    }

    /// The quarter hour in which a counter rose the most.
    public struct Peak: Sendable, Equatable {
        /// By how much it rose.
        public var rise: Int64
        /// The quarter's start, in seconds since 1970.
        public var start: Int64
    }

    /// A momentary value.
    public struct Momentary: Sendable, Equatable {
        /// How many values came.
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
    /// Values may come so many seconds before an edge of a span that counts as whole.
    static let nearness: Int64 = 300

    /// True when values stand near both edges of a span: what is known of it is all of it.
    ///
    /// - Parameter quarters: of how many quarter hours the span is made.
    func isWhole(from start: Int64, to end: Int64) -> Bool {
        guard let since, since >= start - Self.nearness, until >= end - Self.nearness else { return false }
        switch content {
        // Whatever it rose by in a gap is in the sum.
        case .counter: return true
        case .momentary: return Int64(quarters) * Quarter.length >= end - start
        }
    }

    /// The first value of a series in a span.
    ///
    /// - Parameters:
    ///   - previous: where the counter stood before; nil where nobody knows.
    ///   - since: when that was.
    init(_ value: Int64, isCounter: Bool, at second: Int64, after previous: Int64?, since: Int64?) {
        self.since = since
        until = second
        quarters = 1
        content =
            isCounter
            ? .counter(Counter(rise: previous.map { value - $0 } ?? 0, last: value))
            : .momentary(Momentary(count: 1, sum: value, min: value, max: value))
    }

    /// Takes another value in. A sum that does not fit stays as it is.
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

    /// Takes a later bucket of the same series in: how quarters become a day.
    ///
    /// - Parameters:
    ///   - start: when the later one's span begins.
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

    /// A span's first bucket as the beginning of a longer span.
    func opened(startingAt start: Int64, isQuarter: Bool) -> Bucket {
        var bucket = self
        if case .counter(var counter) = content {
            counter.peak = peak(startingAt: start, isQuarter: isQuarter)
            bucket.content = .counter(counter)
        }
        return bucket
    }

    /// The peak of a longer span; of a quarter, itself, if it is whole.
    private func peak(startingAt start: Int64, isQuarter: Bool) -> Peak? {
        guard case .counter(let counter) = content else { return nil }
        guard isQuarter else { return counter.peak }
        return isWhole(from: start, to: start + Quarter.length) ? Peak(rise: counter.rise, start: start) : nil
    }
}
