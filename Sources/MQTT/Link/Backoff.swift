// SPDX-License-Identifier: Apache-2.0
/// The pause before the next connection attempt: doubled each time, with jitter, so that clients spread out.
struct Backoff {
    private let range: ClosedRange<Duration>
    private var current: Duration
    /// Attempts without a pause since a connection was up for some time.
    private var skips = 0
    /// The pause that was made last.
    private var last = Duration.zero

    init(_ range: ClosedRange<Duration>) {
        self.range = range
        current = range.lowerBound
    }

    /// The pause to make now, 20 % more or less than the plan.
    mutating func next() -> Duration {
        last = current * Double.random(in: 0.8...1.2)
        current = min(current * 2, range.upperBound)
        return last
    }

    /// No pause this time, unless that was so five times.
    mutating func skip() -> Duration {
        guard skips < 5 else { return next() }
        skips += 1
        last = .zero
        return last
    }

    /// A connection was up for that long.
    ///
    /// One that served a second, or longer than it was waited for, is worth trying soon: a broker that dies every few seconds is
    /// to serve most of the time. Whoever only accepts is tried slower and slower.
    mutating func served(_ time: Duration) {
        if time > .seconds(5) { skips = 0 }
        if time > max(.milliseconds(100), min(last, .seconds(1))) { current = range.lowerBound }
    }
}
