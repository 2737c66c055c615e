// SPDX-License-Identifier: Apache-2.0

/// Finds out why a meter has no quarter-hour demand although the configuration enables it.
struct DemandWatch: Sendable {
    private var since: Timestamp?
    private var latest: Timestamp?
    private var longest = TimeSpan.zero
    private var energy: ExactDecimal?
    private var changes = 0
    private var isTold = false

    /// A span of readings that contains a whole quarter, whenever the readings begin.
    private static let patience = TimeSpan.minutes(35)

    /// Takes in a reading.
    ///
    /// - Parameters:
    ///   - energy: the counter's value; nil for a reading without one.
    ///   - isFine: true when an average can be computed from the counter.
    ///   - hasAverage: true once there is one.
    /// - Returns: what is missing, reported once.
    mutating func take(energy: ExactDecimal?, isFine: Bool, hasAverage: Bool, at now: Timestamp) -> MissingForDemand? {
        guard !isTold, !hasAverage else {
            if hasAverage { self = DemandWatch() }
            return nil
        }
        let since = since ?? now
        self.since = since
        if let energy {
            if let latest { longest = max(longest, now - latest) }
            latest = now
            if self.energy != energy { changes += 1 }
            self.energy = energy
        }
        guard now - since >= Self.patience, let cause = cause(isFine: isFine) else { return nil }
        isTold = true
        return cause
    }

    /// Nil while the counter has changed too seldom to show its steps.
    private func cause(isFine: Bool) -> MissingForDemand? {
        guard energy != nil else { return .counter }
        if !isFine { return changes > 3 ? .steps : nil }
        return longest > Demand.longestPause ? .pause(longest) : nil
    }
}
