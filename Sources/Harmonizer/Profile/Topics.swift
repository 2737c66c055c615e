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
    /// A person's commands to the running bridge: `accept`, `forget`. The one topic below the root that the bridge
    /// reads.
    public var command: TopicRule
    /// The result of a command.
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
    /// True for a topic that a bridge with this profile publishes on, also when a broker bridge has put a prefix before
    /// it.
    public func isOutput(_ topic: String) -> Bool {
        if "/\(topic)/".utf8.contains("/\(root)/".utf8) { return true }
        return all.contains { $0.rule.isEnabled && $0.rule.pattern?.captures(topic) != nil }
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
