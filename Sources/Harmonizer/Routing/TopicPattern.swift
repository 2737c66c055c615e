// SPDX-License-Identifier: Apache-2.0

/// An MQTT topic filter (MQTT 5.0, 4.7) that also tells what its wildcards matched.
public struct TopicPattern: Sendable, Hashable, CustomStringConvertible {
    /// The filter as written.
    public let filter: String
    private let levels: [Substring]

    /// The filter as written.
    public var description: String { filter }

    /// Nil when the text is no topic filter: empty, or with `+` or `#` inside a level, or `#` before the end.
    public init?(_ filter: String) {
        let levels = filter.split(separator: "/", omittingEmptySubsequences: false)
        guard !filter.isEmpty, !filter.utf8.contains(0), filter.utf8.count <= 65_535 else { return nil }
        for (index, level) in levels.enumerated() where level.contains(where: { $0 == "+" || $0 == "#" }) {
            guard level == "+" || (level == "#" && index == levels.count - 1) else { return nil }
        }
        self.filter = filter
        self.levels = levels
    }

    /// How many levels are spelled out: of two filters that match a topic, the one with more is meant.
    public var literalLevels: Int { levels.count { $0 != "+" && $0 != "#" } }

    /// True when it can match more than one topic.
    public var hasWildcards: Bool { literalLevels < levels.count }

    /// What the wildcards matched, one text a wildcard (`#`: all remaining levels); nil when the topic does not match.
    public func captures(_ topic: String) -> [Substring]? {
        var captures: [Substring] = []
        var rest: Substring? = topic[...]
        if topic.hasPrefix("$"), let first = levels.first, first == "+" || first == "#" { return nil }
        for level in levels {
            if level == "#" {
                if let rest { captures.append(rest) }
                return captures
            }
            guard let remaining = rest else { return nil }
            let end = remaining.firstIndex(of: "/")
            let word = remaining[..<(end ?? remaining.endIndex)]
            if level == "+" {
                captures.append(word)
            } else if level != word {
                return nil
            }
            rest = end.map { remaining[remaining.index(after: $0)...] }
        }
        return rest == nil ? captures : nil
    }

    /// True when every topic that matches `other` matches this filter too.
    public func covers(_ other: TopicPattern) -> Bool {
        for (position, level) in levels.enumerated() {
            if level == "#" { return true }
            guard position < other.levels.count else { return false }
            let theirs = other.levels[position]
            if theirs == "#" || (level != "+" && level != theirs) { return false }
        }
        return levels.count == other.levels.count
    }

    /// True when some topic matches both filters: how a configuration that would feed the bridge its own output is found.
    public func overlaps(_ other: TopicPattern) -> Bool {
        for (one, two) in zip(levels, other.levels) {
            if one == "#" || two == "#" { return true }
            if one != "+" && two != "+" && one != two { return false }
        }
        if levels.count == other.levels.count { return true }
        let (longer, shorter) = levels.count > other.levels.count ? (levels, other.levels) : (other.levels, levels)
        return shorter.last == "#" || (longer.count == shorter.count + 1 && longer.last == "#")
    }
}
