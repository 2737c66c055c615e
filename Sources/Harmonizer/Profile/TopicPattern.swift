// SPDX-License-Identifier: Apache-2.0

/// An MQTT topic filter (MQTT 5.0, 4.7) that also tells what its wildcards matched.
public struct TopicPattern: Sendable, Hashable, CustomStringConvertible {
    /// The filter as a broker understands it.
    public let filter: String
    private let levels: [Level]
    /// The group of a shared subscription (MQTT 5.0, 4.8.2), `$share/GROUP/…`; nil for an ordinary one.
    public let shareGroup: String?
    /// The index of the capture that names the tenant: the `{tenant}` of `tenants/{tenant}/tele/+/SENSOR`; nil for
    /// none.
    public let tenant: Int?

    /// Compared byte by byte, as brokers do: Swift's characters would join a `/` with an accent behind it, and take two
    /// spellings of an accented letter for one.
    private enum Level: Sendable, Hashable {
        case literal([UInt8])
        case one
        case rest
    }

    /// The filter as written.
    public var description: String { filter }

    /// The level that stands for a tenant's name.
    public static let tenantLevel = "{tenant}"

    /// Nil when the text is not a topic filter: empty, or with `+` or `#` inside a level, or `#` before the end. One
    /// level may be `{tenant}`: a `+` whose capture is the tenant.
    public init?(_ filter: String) {
        let bytes = Array(filter.utf8)
        guard !bytes.isEmpty, !bytes.contains(0), bytes.count <= 65_535 else { return nil }
        var levels: [Level] = []
        var tenant: Int?
        var parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[...]
        var group: String?
        if parts.first?.elementsEqual("$share".utf8) == true {
            // Topics match what follows the group.
            guard parts.count >= 3, let name = parts.dropFirst().first, !name.isEmpty,
                !name.contains(UInt8(ascii: "+")), !name.contains(UInt8(ascii: "#"))
            else { return nil }
            group = String(decoding: name, as: UTF8.self)
            parts = parts.dropFirst(2)
        }
        for level in parts {
            guard levels.last != .rest else { return nil }
            if level.elementsEqual(Self.tenantLevel.utf8) {
                guard tenant == nil else { return nil }
                tenant = levels.count { $0 == .one }
                levels.append(.one)
            } else if level.elementsEqual("+".utf8) {
                levels.append(.one)
            } else if level.elementsEqual("#".utf8) {
                levels.append(.rest)
            } else if level.contains(UInt8(ascii: "+")) || level.contains(UInt8(ascii: "#")) {
                return nil
            } else {
                levels.append(.literal(Array(level)))
            }
        }
        self.filter = tenant == nil ? filter : filter.replacing(Self.tenantLevel, with: "+")
        self.levels = levels
        shareGroup = group
        self.tenant = tenant
    }

    /// How many levels are spelled out: of two filters that match a topic, the one with more applies.
    public var literalLevels: Int { levels.count { $0 != .one && $0 != .rest } }

    /// True when it can match more than one topic.
    public var hasWildcards: Bool { literalLevels < levels.count }

    /// What the wildcards matched, one text per wildcard (`#`: all remaining levels, empty when there are none); nil
    /// when the topic does not match.
    public func captures(_ topic: String) -> [Substring]? {
        let bytes = topic.utf8
        if bytes.first == UInt8(ascii: "$"), startsWithWildcard { return nil }
        var captures: [Substring] = []
        var start: String.Index? = bytes.startIndex
        for level in levels {
            if level == .rest {
                captures.append(topic[(start ?? bytes.endIndex)...])
                return captures
            }
            guard let from = start else { return nil }
            let end = bytes[from...].firstIndex(of: UInt8(ascii: "/"))
            let word = from..<(end ?? bytes.endIndex)
            switch level {
            case .one: captures.append(topic[word])
            case .literal(let literal): guard bytes[word].elementsEqual(literal) else { return nil }
            case .rest: break
            }
            start = end.map { bytes.index(after: $0) }
        }
        return start == nil ? captures : nil
    }

    /// Wildcards in the first level do not match topics that begin with `$` (MQTT 5.0, 4.7.2).
    private var startsWithWildcard: Bool { levels.first == .one || levels.first == .rest }

    private var startsWithDollar: Bool {
        if case .literal(let bytes) = levels.first { return bytes.first == UInt8(ascii: "$") }
        return false
    }

    /// True when every topic that matches `other` matches this filter too.
    public func covers(_ other: TopicPattern) -> Bool {
        // A member of a group gets only some of the messages.
        guard shareGroup == other.shareGroup else { return false }
        if startsWithWildcard, other.startsWithDollar { return false }
        for (position, level) in levels.enumerated() {
            if level == .rest { return true }
            guard position < other.levels.count else { return false }
            let theirs = other.levels[position]
            if theirs == .rest || (level != .one && level != theirs) { return false }
        }
        return levels.count == other.levels.count
    }

    /// True when some topic matches both filters: finds a configuration that would feed the bridge its own output.
    public func overlaps(_ other: TopicPattern) -> Bool {
        if startsWithWildcard && other.startsWithDollar || startsWithDollar && other.startsWithWildcard { return false }
        for (one, two) in zip(levels, other.levels) {
            if one == .rest || two == .rest { return true }
            if one != .one && two != .one && one != two { return false }
        }
        if levels.count == other.levels.count { return true }
        let (longer, shorter) = levels.count > other.levels.count ? (levels, other.levels) : (other.levels, levels)
        return longer.count == shorter.count + 1 && longer.last == .rest
    }
}
