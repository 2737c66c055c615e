// SPDX-License-Identifier: Apache-2.0

/// What is remembered about the repairs of one meter: how often each rule applied, and what a person has read about it.
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

    /// Sources of one meter times rules: what one meter can make this remember.
    private static let limit = 200
    /// Codes of one rule. A sender that invents registers is not told about for ever.
    private static let fieldLimit = 50
    /// After so long without it, a rule that applies again is news.
    private static let pause = TimeSpan.hours(1)

    /// Why a person should read about a fix.
    enum News {
        /// It is the first of its source and rule, or does or touches something else than before.
        case new
        /// It is the first after an hour without.
        case returned
    }

    /// Counts a fix; nil when it is no news.
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
