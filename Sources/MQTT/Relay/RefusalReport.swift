// SPDX-License-Identifier: Apache-2.0
/// Limits the log lines for refused publications: one event every ten seconds, with the number of those left out.
struct RefusalReport {
    private var next: ContinuousClock.Instant?
    private var suppressed = 0

    /// The number of unreported refusals when this refusal is to be reported; otherwise nil.
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
