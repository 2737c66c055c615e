// SPDX-License-Identifier: Apache-2.0

/// Finds out why a meter has no quarter-hour demand although somebody asked for it.
struct DemandWatch: Sendable {
    private var since: Timestamp?
    private var latest: Timestamp?
    private var longest = TimeSpan.zero
    private var energy: ExactDecimal?
    private var changes = 0
    private var isTold = false

    /// The time of readings in which a whole quarter lies, whenever they begin.
    private static let patience = TimeSpan.minutes(35)

    /// Takes in a reading.
    ///
    /// - Parameters:
    ///   - energy: what its counter shows; nil for a reading without one.
    ///   - isFine: true for a counter of which an average can be computed.
    ///   - hasAverage: true once there is one.
    /// - Returns: what is missing, once.
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

    /// Nil while a counter that stands still says nothing about its steps.
    private func cause(isFine: Bool) -> MissingForDemand? {
        guard energy != nil else { return .counter }
        if !isFine { return changes > 3 ? .steps : nil }
        return longest > Demand.longestPause ? .pause(longest) : nil
    }
}
