// SPDX-License-Identifier: Apache-2.0

/// The memory about the repairs of one meter: how often each rule applied, and what was already reported about it.
struct FixLedger: Sendable {
    /// How many readings needed each rule.
    private(set) var counts: [Fix.Rule: Int] = [:]
    private var said: [Key: Said] = [:]

    private struct Key: Hashable {
        var source: String
        var rule: Fix.Rule
    }

    private struct Said {
        var actions: Set<Fix.Action>
        var fields: Set<String>
        var last: Timestamp
    }

    /// The limit of entries (sources of one meter times rules) that one meter can cause.
    private static let limit = 200
    /// The limit of codes of one rule, so that a sender that invents registers is not reported for ever.
    private static let fieldLimit = 50
    /// After this long without it, a rule that applies again is news.
    private static let pause = TimeSpan.hours(1)

    /// Why a person should read about a fix.
    enum News {
        /// The fix is the first of its source and rule, or has another action or another field than before.
        case new
        /// The fix is the first after an hour without one.
        case returned
    }

    /// Counts a fix; nil when it is not news.
    mutating func note(_ fix: Fix, source: String, at received: Timestamp) -> News? {
        counts[fix.rule, default: 0] += 1
        let key = Key(source: source, rule: fix.rule)
        guard var known = said[key] else {
            guard said.count < Self.limit else { return nil }
            said[key] = Said(
                actions: [fix.action], fields: Set(fix.fields.prefix(Self.fieldLimit)), last: received)
            return .new
        }
        var news: News? = received - known.last > Self.pause ? .returned : nil
        known.last = max(known.last, received)
        if known.actions.insert(fix.action).inserted { news = .new }
        for field in fix.fields where known.fields.count < Self.fieldLimit && known.fields.insert(field).inserted {
            news = .new
        }
        said[key] = known
        return news
    }

    /// Readings with a rule of that level.
    func count(_ level: Fix.Level) -> Int {
        counts.reduce(0) { $1.key.level == level ? $0 + $1.value : $0 }
    }
}
