// SPDX-License-Identifier: Apache-2.0

/// The repairs of one reading: the only place that defines what `fix`, `flag`, `reject` and `off` mean.
///
/// | policy | what was sent | record | reading |
/// | --- | --- | --- | --- |
/// | `fix` | is repaired | the repair | published |
/// | `flag` | stays | a flag | published |
/// | `off` | stays | none | published |
/// | `reject` | is repaired | | rejected |
///
/// Where there is nothing to leave (no time, broken bytes), the value is repaired whatever the policy; then the policy
/// decides about the record and the reading. A rejected reading still updates what later readings of its meter are
/// judged by: clock, order, factors, and counters, whose values are as true as under any other policy.
struct FixDecisions {
    private let policies: FixPolicies
    /// One record for each rule.
    private(set) var all: [Fix] = []
    /// The first rule whose policy rejects the reading.
    private(set) var rejecting: Fix.Rule?

    init(_ policies: FixPolicies) { self.policies = policies }

    /// Decides about a repair.
    ///
    /// - Returns: true when the caller must make the repair.
    mutating func decide(_ repair: @autoclosure () -> Fix, for rule: Fix.Rule) -> Bool {
        switch policies.policy(rule) {
        case .off: return false
        case .flag:
            var flag = repair()
            flag.action = .flag
            flag.with = nil
            flag.earliest = nil
            all.join(flag)
            return false
        case .reject:
            rejecting = rejecting ?? rule
            fallthrough
        case .fix:
            all.join(repair())
            return true
        }
    }

    /// The same policies, and nothing decided yet.
    var none: FixDecisions { FixDecisions(policies) }

    /// Takes over decisions that were made separately.
    mutating func take(_ other: FixDecisions) {
        for fix in other.all { all.join(fix) }
        rejecting = rejecting ?? other.rejecting
    }

    /// Records what was done, or noticed, under every policy but `off`.
    mutating func record(_ fix: Fix) {
        let policy = policies.policy(fix.rule)
        guard policy != .off else { return }
        if policy == .reject { rejecting = rejecting ?? fix.rule }
        all.join(fix)
    }
}
