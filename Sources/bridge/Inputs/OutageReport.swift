// SPDX-License-Identifier: Apache-2.0

/// Says once that an input is out, and once that it is back, however often it is tried in between.
struct OutageReport {
    private var reported: String?
    private var reportedAt: ContinuousClock.Instant?
    /// Attempts that failed in a row.
    private(set) var failures = 0

    /// An input that fails in turns for two reasons, or every other minute, writes no more lines than one a minute.
    static let pause = Duration.seconds(60)

    /// The sentence to log, or nil when it was said already.
    mutating func failed(_ reason: String, at now: ContinuousClock.Instant) -> String? {
        failures += 1
        guard reason != reported else { return nil }
        if let reportedAt, now - reportedAt < Self.pause { return nil }
        reported = reason
        reportedAt = now
        return reason
    }

    /// How many attempts had failed when it works again after a reported outage; nil when nothing is to be said.
    mutating func succeeded() -> Int? {
        defer {
            failures = 0
            reported = nil
        }
        return reported == nil ? nil : failures
    }
}
