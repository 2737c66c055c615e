// SPDX-License-Identifier: Apache-2.0

/// What a pipeline did since it was made.
public struct Counters: Sendable, Equatable {
    /// Messages taken.
    public internal(set) var received = 0
    /// Readings made.
    public internal(set) var readings = 0
    /// Messages published.
    public internal(set) var publications = 0
    /// Messages known not to be meter data, by kind.
    public internal(set) var ignored: [String: Int] = [:]
    /// Messages not understood, by reason.
    public internal(set) var rejected: [Rejection.Reason: Int] = [:]
    /// Rejects that were counted and not published.
    public internal(set) var suppressedRejects = 0
    /// Labels without an OBIS code, their values not published.
    public internal(set) var unknownLabels = 0
    /// Lines and members that were malformed, their message kept.
    public internal(set) var malformed = 0
    /// Repairs, by rule.
    public internal(set) var fixes: [Fix.Rule: Int] = [:]

    mutating func count(ignored kind: String) {
        // The kinds are a handful; one made from a payload must not fill the memory.
        ignored[ignored[kind] != nil || ignored.count < 100 ? kind : "other", default: 0] += 1
    }
    mutating func count(_ rejection: Rejection) { rejected[rejection.reason, default: 0] += 1 }
    mutating func count(_ fix: Fix) { fixes[fix.rule, default: 0] += 1 }
}
