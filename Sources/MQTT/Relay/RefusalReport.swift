// SPDX-License-Identifier: Apache-2.0
/// Keeps refused publications from filling the log: one event every ten seconds, with the number left out.
struct RefusalReport {
    private var next: ContinuousClock.Instant?
    private var suppressed = 0

    /// The number of unreported refusals when this one is to be reported; else nil.
    mutating func note(_ now: ContinuousClock.Instant) -> Int? {
        if let next, now < next {
            suppressed += 1
            return nil
        }
        defer { suppressed = 0 }
        next = now + .seconds(10)
        return suppressed
    }
}
