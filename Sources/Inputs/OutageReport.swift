// SPDX-License-Identifier: Apache-2.0

/// Says once that an input is out, and once that it is back, however often it is tried in between, and how long to wait before the
/// next attempt.
package struct OutageReport {
    private var reported: String?
    private var reportedAt: ContinuousClock.Instant?
    /// Attempts that failed in a row.
    package private(set) var failures = 0

    /// Makes it of its parts.
    package init(reported: String? = nil, reportedAt: ContinuousClock.Instant? = nil, failures: Int = 0) {
        self.reported = reported
        self.reportedAt = reportedAt
        self.failures = failures
    }

    /// An input that fails in turns for two reasons, or every other minute, writes no more lines than one a minute.
    package static let silence = Duration.seconds(60)

    /// The sentence to log, or nil when it was said already.
    package mutating func failed(_ reason: String, at now: ContinuousClock.Instant) -> String? {
        failures += 1
        guard reason != reported else { return nil }
        if let reportedAt, now - reportedAt < Self.silence { return nil }
        reported = reason
        reportedAt = now
        return reason
    }

    /// How many attempts had failed when it works again after a reported outage; nil when nothing is to be said.
    package mutating func succeeded() -> Int? {
        defer {
            failures = 0
            reported = nil
        }
        return reported == nil ? nil : failures
    }

    /// The rhythm, or after failures longer and longer pauses: a reader that restarts is not helped by questions, and one that
    /// is gone for good costs little.
    package func pause(_ interval: Duration) -> Duration {
        guard failures > 1 else { return interval }
        let longest = max(interval, .seconds(60))
        return min(interval * (1 << min(failures - 1, 10)), longest)
    }
}
