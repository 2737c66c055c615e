// SPDX-License-Identifier: Apache-2.0

/// What happens for each rule: the `fixes:` of a profile, or of a source that differs from it.
public struct FixPolicies: Sendable, Equatable {
    private var policies: [Fix.Rule: FixPolicy]

    /// Makes policies; an absent rule is not decided here.
    public init(_ policies: [Fix.Rule: FixPolicy] = [:]) { self.policies = policies }

    /// The policy decided here for `rule`; nil when none is.
    public subscript(rule: Fix.Rule) -> FixPolicy? { policies[rule] }

    /// What to do where `rule` applies; `fix` when no policy is decided.
    public func policy(_ rule: Fix.Rule) -> FixPolicy { policies[rule] ?? .fix }

    /// These policies, overridden by those of `other`.
    public func overlaid(with other: FixPolicies) -> FixPolicies {
        FixPolicies(policies.merging(other.policies) { $1 })
    }

    /// Reads a `fixes:` mapping. An unknown rule or policy is an error with the nearest valid word.
    package static func read(_ map: YAMLReader) -> FixPolicies {
        var map = map
        var policies: [Fix.Rule: FixPolicy] = [:]
        for rule in Fix.Rule.allCases {
            if let policy = map.choice(rule.rawValue, of: FixPolicy.self) { policies[rule] = policy }
        }
        map.finish()
        return FixPolicies(policies)
    }
}

/// What to do where a message needs a repair.
public enum FixPolicy: String, Sendable, CaseIterable {
    /// Repair and report it.
    case fix
    /// Leave what was sent and report it. When there is nothing to leave (no time, no id, broken bytes), it is
    /// repaired.
    case flag
    /// Publish a reject instead.
    case reject
    /// As `flag`, without a report.
    case off

    /// True when the policy leaves what was sent as it is, if there is something to leave.
    public var leavesAsSent: Bool { self == .flag || self == .off }
}
