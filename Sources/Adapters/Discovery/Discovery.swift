// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Finds out what publishes meter data on a broker, by trying every adapter on what it hears.
///
/// A value like the pipeline: it hears messages and is asked for its candidates. It invents nothing: a topic whose labels fit
/// several scripts is ambiguous, and says so.
public struct Discovery: Sendable {
    private var candidates: [String: Candidate] = [:]
    private var order: [String] = []
    private var others: [String: Int] = [:]
    private let placeholders: Set<String>

    /// - Parameter placeholders: ids that are no ids, in lower case.
    public init(placeholders: Set<String>) { self.placeholders = placeholders }

    /// Hears one message.
    public mutating func hear(_ message: RawMessage) {
        let key = DiscoveryKey(topic: message.topic)
        if var candidate = candidates[key.subscribe] {
            candidate.hear(message)
            candidates[key.subscribe] = candidate
        } else if let candidate = Candidate(message, key: key) {
            candidates[key.subscribe] = candidate
            order.append(key.subscribe)
        } else if others.count < 10_000 {
            others[key.family, default: 0] += 1
        }
    }

    /// What looks like a meter, in the order of its first message.
    public var findings: [Finding] {
        order.compactMap { candidates[$0]?.finding(placeholders: placeholders) }
    }

    /// Topics that are no meters, by their first levels, with the number of messages.
    public var notMeters: [(topics: String, messages: Int)] {
        others.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
}

/// The topics that belong to one reader or meter.
struct DiscoveryKey {
    /// The topic filter that a source would subscribe to.
    let subscribe: String
    /// The last level of the device, for a name.
    let name: String
    /// The first level, for the summary of what is no meter.
    let family: String

    /// smartmeter-datacollector publishes one topic a register, the others one a device.
    init(topic: String) {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        family = levels.count > 1 ? "\(levels[0])/#" : topic
        if let root = levels.firstIndex(of: "smartmeter"), root + 2 < levels.count {
            subscribe = levels.dropLast().joined(separator: "/") + "/+"
            name = levels[levels.count - 2]
        } else {
            subscribe = topic
            let reserved: Set = [
                "tele", "stat", "SENSOR", "STATUS8", "STATUS10", "RESULT", "ds", "dt", "raw", "telegram",
            ]
            name = levels.last { !$0.isEmpty && !reserved.contains($0) } ?? topic
        }
    }
}
