// SPDX-License-Identifier: Apache-2.0

/// The topics of a profile.
public struct Topics: Sendable, Equatable {
    /// The level or levels that everything is published below: `harmonized/v1`.
    public var root: String
    /// One telegram.
    public var reading: TopicRule
    /// The newest value of every register.
    public var state: TopicRule
    /// One register by its code.
    public var obis: TopicRule
    /// One register by its alias.
    public var value: TopicRule
    /// What is known about a meter.
    public var info: TopicRule
    /// `online` or `offline`, per meter.
    public var availability: TopicRule
    /// `online` or `offline` of the bridge itself: its last will.
    public var status: TopicRule
    /// Version and profile of the bridge.
    public var bridgeInfo: TopicRule
    /// What the bridge did, and its worst meters.
    public var health: TopicRule
    /// Messages that could not be understood.
    public var reject: TopicRule
    /// What a person tells the running bridge: `accept`, `forget`. The one topic below the root that the bridge reads.
    public var command: TopicRule
    /// What became of a command.
    public var answer: TopicRule

    /// True when meters' topics name the tenant.
    public var hasTenants: Bool {
        [reading, state, obis, value, info, availability].contains {
            $0.isEnabled && $0.template.contains(TopicPattern.tenantLevel)
        }
    }

    /// All rules with their keys in the profile.
    public var all: [(key: String, rule: TopicRule)] {
        [
            ("reading", reading), ("state", state), ("obis", obis), ("value", value), ("info", info),
            ("availability", availability), ("status", status), ("bridge_info", bridgeInfo), ("health", health),
            ("reject", reject), ("command", command), ("answer", answer),
        ]
    }
}

extension Topics {
    /// True for a topic that a bridge with this profile publishes on, also where a broker bridge has put a prefix before it.
    public func isOutput(_ topic: String) -> Bool {
        if "/\(topic)/".utf8.contains("/\(root)/".utf8) { return true }
        return all.contains { $0.rule.isEnabled && $0.rule.pattern?.captures(topic) != nil }
    }
}

/// Where one kind of publication goes.
public struct TopicRule: Sendable, Equatable {
    /// The topic with `{meter}`, `{obis}` … in it; `{root}` is already filled in.
    public var template: String
    /// 0 or 1.
    public var qos: UInt8
    /// What of it the broker keeps.
    public var retain: Retain
    /// A retained value is published again after so many milliseconds, changed or not.
    public var repeatEvery: Int64
    /// A value is published at most once in so many milliseconds; 0 for with every reading.
    public var every: Int64
    /// False when the profile switched it off.
    public var isEnabled: Bool
    /// Where the profile declares it.
    public var mark: SourceMark

    /// What the broker keeps for later subscribers.
    public enum Retain: String, Sendable, CaseIterable {
        case always, never
        /// Counters and texts; never a momentary value.
        case counters

        /// True for a register whose value is kept.
        func keeps(_ obis: OBISCode) -> Bool { self == .always || (self == .counters && !obis.isInstantaneous) }
    }

    /// True when the broker keeps something of it.
    var isKept: Bool { isEnabled && retain != .never }

    /// True when the broker keeps the value of a register.
    func keeps(_ obis: OBISCode) -> Bool { isEnabled && retain.keeps(obis) }

    /// Everything that the template can become, as a topic filter; nil when it is none.
    public var pattern: TopicPattern? {
        let levels = template.split(separator: "/", omittingEmptySubsequences: false)
        return TopicPattern(levels.map { $0.contains("{") ? "+" : String($0) }.joined(separator: "/"))
    }

    /// The topic with its placeholders filled in; one that has no value stays as it stands.
    public func topic(_ values: KeyValuePairs<String, String>) -> String {
        // A meter has two topics for each register, so a bridge with ten thousand of them makes half a million at its start.
        var topic = ""
        topic.reserveCapacity(template.utf8.count + 32)
        var rest = template[...]
        while let open = rest.utf8.firstIndex(of: UInt8(ascii: "{")),
            let close = rest[open...].utf8.firstIndex(of: UInt8(ascii: "}"))
        {
            let name = rest[rest.utf8.index(after: open)..<close]
            let next = rest.utf8.index(after: close)
            topic += rest[..<open]
            if let value = values.first(where: { $0.key == name })?.value {
                topic += value
            } else {
                topic += rest[open..<next]
            }
            rest = rest[next...]
        }
        topic += rest
        return topic
    }
}

extension String.UTF8View {
    fileprivate func contains(_ other: String.UTF8View) -> Bool {
        var start = startIndex
        while let index = self[start...].firstIndex(of: UInt8(ascii: "/")) {
            if self[index...].starts(with: other) { return true }
            start = self.index(after: index)
        }
        return false
    }
}
