// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// A short summary of the topics on a broker that are not meters.
struct OtherTopics: Sendable {
    /// Maximum number of topics to remember; a broker may have any number.
    private static let limit = 20_000

    private var topics: [String: Heard] = [:]

    /// Maximum number of topics whose newest payload is kept, and maximum length of that payload.
    private static let sampleLimit = 3000
    private static let sampleLength = 8192
    private var sampled = 0

    private struct Heard {
        var messages = 0
        var sample: HeardMessage?
        var frame: FrameGuess?
        /// The kind that an adapter reported; nil when none knows such topics.
        var kind: String?
        var rejection: String?
        var isMeter = false
    }

    mutating func note(_ message: HeardMessage, kind: String?, rejection: String?, isMeter: Bool) {
        let topic = message.message.topic
        guard topics[topic] != nil || topics.count < Self.limit else { return }
        var heard = topics[topic] ?? Heard()
        heard.messages += 1
        if message.message.payload.count <= Self.sampleLength, heard.sample != nil || sampled < Self.sampleLimit {
            if heard.sample == nil { sampled += 1 }
            // A number says more about a value than `unavailable`.
            if heard.sample == nil || !(heard.sample?.isNumber ?? false) || message.isNumber || message.root != nil {
                heard.sample = message
            }
        }
        heard.frame = heard.frame ?? FrameGuess(message.message.payload)
        heard.kind = heard.kind ?? kind
        heard.rejection = rejection ?? heard.rejection
        heard.isMeter = heard.isMeter || isMeter
        topics[topic] = heard
    }

    /// True when nothing was heard.
    var isEmpty: Bool { topics.isEmpty }

    /// The newest messages of topics that no adapter recognised as a meter's.
    func samples(_ isWanted: (String) -> Bool) -> [HeardMessage] {
        topics.compactMap { topic, heard in
            heard.frame == nil && heard.kind != "tasmota-energy" && isWanted(topic) ? heard.sample : nil
        }
        .sorted { $0.message.topic < $1.message.topic }
    }

    /// Topics with frames of bytes.
    var frames: [(topic: String, kind: FrameGuess, messages: Int)] {
        topics.compactMap { topic, heard in heard.isMeter ? nil : heard.frame.map { (topic, $0, heard.messages) } }
            .sorted { $0.topic < $1.topic }
    }

    /// Topics whose messages look like a meter's but cannot be read, with the last reason.
    var rejected: [(topic: String, reason: String, messages: Int)] {
        topics.compactMap { topic, heard in
            guard !heard.isMeter, heard.frame == nil, let reason = heard.rejection else { return nil }
            return (topic, reason, heard.messages)
        }.sorted { $0.topic < $1.topic }
    }

    /// Topics without meter data, those with the most messages first.
    ///
    /// - Parameter isReaders: true for a topic of a reader that was found.
    func notMeters(_ isReaders: (String) -> Bool) -> [(topics: String, messages: Int)] {
        var groups: [String: (topics: [String], messages: Int, kind: String?)] = [:]
        for (topic, heard) in topics
        where !heard.isMeter && heard.rejection == nil && heard.frame == nil && !isReaders(topic) {
            let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
            var key = levels.count > 1 ? "\(levels[0])/#" : topic
            if let kind = heard.kind {
                // STATE, INFO and RESULT of a Tasmota reader do not show what it reads.
                if let words = Self.words[kind] {
                    key = "\(words) \(levels.last ?? "")"
                } else if kind.hasPrefix("tasmota-") {
                    continue
                }
            }
            var group = groups[key] ?? ([], 0, heard.kind)
            group.topics.append(topic)
            group.messages += heard.messages
            groups[key] = group
        }
        return groups.map { key, group in
            let words = group.kind.flatMap { Self.words[$0] }
            return (words.map { "\(Self.joined(group.topics)) (\($0))" } ?? key, group.messages)
        }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }

    /// Names for kinds of other topics.
    private static let words = [
        "tasmota-energy": "Tasmota ENERGY", "tasmota-sensor": "Tasmota, other sensors",
        "tasmota-serial": "Tasmota serial",
        "datacollector-other": "not of smartmeter-datacollector",
    ]

    /// `tele/plug1..9/SENSOR` for topics that differ in a number, otherwise `tele/+/SENSOR`.
    private static func joined(_ topics: [String]) -> String {
        guard topics.count > 1, let first = topics.first?.split(separator: "/", omittingEmptySubsequences: false) else {
            return topics.first ?? ""
        }
        let split = topics.map { $0.split(separator: "/", omittingEmptySubsequences: false) }
        guard split.allSatisfy({ $0.count == first.count }) else { return "\(first[0])/#" }
        return first.indices.map { index in
            let words = Set(split.map { String($0[index]) })
            return words.count == 1 ? String(first[index]) : range(words) ?? "+"
        }.joined(separator: "/")
    }

    private static func range(_ words: Set<String>) -> String? {
        let parts = words.map { word in
            let digits = word.reversed().prefix { $0.isASCII && $0.isNumber }
            return (stem: String(word.dropLast(digits.count)), number: Int(String(digits.reversed())))
        }
        let numbers = parts.compactMap(\.number).sorted()
        guard let stem = parts.first?.stem, parts.allSatisfy({ $0.stem == stem }), numbers.count == words.count,
            let first = numbers.first, let last = numbers.last
        else { return nil }
        return "\(stem)\(first)..\(last)"
    }
}
