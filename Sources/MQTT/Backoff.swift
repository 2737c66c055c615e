// SPDX-License-Identifier: Apache-2.0
/// The pause before the next connection attempt: doubled each time, with jitter, so that clients spread out.
struct Backoff {
    private let range: ClosedRange<Duration>
    private var current: Duration

    init(_ range: ClosedRange<Duration>) {
        self.range = range
        current = range.lowerBound
    }

    /// The pause to make now, 20 % more or less than the plan.
    mutating func next() -> Duration {
        defer { current = min(current * 2, range.upperBound) }
        return current * Double.random(in: 0.8...1.2)
    }

    mutating func reset() { current = range.lowerBound }
}
