// SPDX-License-Identifier: Apache-2.0
/// The pause before the next connection attempt: doubled each time, with jitter, so that clients spread out.
struct Backoff {
    private let range: ClosedRange<Duration>
    private var current: Duration
    /// Attempts without a pause since a connection last lasted more than five seconds.
    private var skips = 0
    /// The last pause.
    private var last = Duration.zero

    init(_ range: ClosedRange<Duration>) {
        self.range = range
        current = range.lowerBound
    }

    /// The next pause, with 20 % jitter up or down.
    mutating func next() -> Duration {
        last = current * Double.random(in: 0.8...1.2)
        current = min(current * 2, range.upperBound)
        return last
    }

    /// Skips the pause, at most five times in a row.
    mutating func skip() -> Duration {
        guard skips < 5 else { return next() }
        skips += 1
        last = .zero
        return last
    }

    /// Reports how long a connection was up.
    ///
    /// A connection that lasted a second, or longer than the pause before it, resets the pause: a broker that dies
    /// every few seconds should be connected most of the time. A broker that accepts and then drops us is retried ever
    /// more slowly.
    mutating func served(_ time: Duration) {
        if time > .seconds(5) { skips = 0 }
        if time > max(.milliseconds(100), min(last, .seconds(1))) { current = range.lowerBound }
    }
}
