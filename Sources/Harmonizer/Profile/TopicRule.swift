// SPDX-License-Identifier: Apache-2.0

/// The topic of one kind of publication, and how it is published.
public struct TopicRule: Sendable, Equatable {
    /// The topic with `{meter}`, `{obis}` … in it; `{root}` is already filled in.
    public var template: String
    /// 0 or 1.
    public var qos: UInt8
    /// What the broker keeps of it.
    public var retain: Retain
    /// The time after which a retained value is published again, changed or not.
    public var repeatEvery: TimeSpan
    /// The shortest time between two publications of a value; zero: it is published with every reading.
    public var every: TimeSpan
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

    /// The topic filter that matches everything the template can become; nil when that is not a topic filter.
    public var pattern: TopicPattern? {
        let levels = template.split(separator: "/", omittingEmptySubsequences: false)
        return TopicPattern(levels.map { $0.contains("{") ? "+" : String($0) }.joined(separator: "/"))
    }

    /// The topic with its placeholders filled in; a placeholder without a value stays as it is.
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
