// SPDX-License-Identifier: Apache-2.0

/// Reports once that an input is out and once that it is back, however many attempts there are in between, and computes
/// the pause before the next attempt.
package struct OutageReport {
    private var reported: String?
    private var reportedAt: ContinuousClock.Instant?
    /// Consecutive failed attempts.
    package private(set) var failures = 0

    /// Creates a report.
    package init(reported: String? = nil, reportedAt: ContinuousClock.Instant? = nil, failures: Int = 0) {
        self.reported = reported
        self.reportedAt = reportedAt
        self.failures = failures
    }

    /// The shortest time between two log lines, for an input that fails alternately for two reasons, or every other
    /// minute.
    package static let silence = Duration.seconds(60)

    /// The sentence to log; nil when it was logged already.
    package mutating func failed(_ reason: String, at now: ContinuousClock.Instant) -> String? {
        failures += 1
        guard reason != reported else { return nil }
        if let reportedAt, now - reportedAt < Self.silence { return nil }
        reported = reason
        reportedAt = now
        return reason
    }

    /// The number of failed attempts when the input works again after a reported outage; nil when there is nothing to
    /// report.
    package mutating func succeeded() -> Int? {
        defer {
            failures = 0
            reported = nil
        }
        return reported == nil ? nil : failures
    }

    /// The pause before the next attempt: the interval, and longer and longer pauses after failures. More requests do
    /// not help a reader that restarts, and a reader that is gone for good then costs little.
    package func pause(_ interval: Duration) -> Duration {
        guard failures > 1 else { return interval }
        let longest = max(interval, .seconds(60))
        return min(interval * (1 << min(failures - 1, 10)), longest)
    }
}
