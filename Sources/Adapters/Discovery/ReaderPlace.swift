// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The reader that a topic belongs to, for one adapter: the same value for all topics of that reader.
struct ReaderPlace: Hashable {
    /// The filter of a source for this topic.
    let filter: String
    /// The reader's name within its adapter, with the levels that a broker bridge added before its topics.
    let device: String
    /// A proposed name for the source.
    let name: String
    /// The features by which the message is recognised as the reader's; empty when its topic is enough.
    var keys: [String] = []
    /// The id in the topic; nil for none.
    var topicID: String?
    /// The levels before those of the reader: readers with the same name behind two broker bridges are two readers.
    var prefix = ""
    /// The topic on which the reader needs requests.
    var ask: String?

    /// nil when the adapter's vendor does not publish on such a topic.
    ///
    /// The vendor's default filters decide, after any levels that a broker bridge added before them. A wildcard stays a
    /// wildcard when the adapter assigns all its matches to the same device: for a register's name or a field's.
    init?(topic: String, adapter: any Adapter) {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        for skipped in 0..<min(levels.count, Self.prefixLimit) {
            let prefix = levels[..<skipped].joined(separator: "/")
            let rest = levels[skipped...].joined(separator: "/")
            for filter in adapter.defaultFilters {
                guard let captures = TopicPattern(filter)?.captures(rest) else { continue }
                let spelled = Self.spell(filter, captures: captures, topic: rest, adapter: adapter)
                let device = adapter.device(of: rest, captures: captures)
                self.filter = skipped == 0 ? spelled : "\(prefix)/\(spelled)"
                self.device = skipped == 0 ? device : "\(prefix)/\(device)"
                name = Self.name(device.isEmpty ? spelled : device)
                return
            }
        }
        return nil
    }

    /// A reader on a topic chosen by its user.
    init(topic: String, device: String? = nil) {
        filter = topic
        self.device = device ?? topic
        name = Self.name(device ?? topic)
    }

    /// A reader on a topic that matches a mapping's template.
    init(_ match: TopicTemplate.Match, topic: String, keys: [String], ask: String? = nil) {
        let words = [match.prefix, match.device ?? ""].filter { !$0.isEmpty }
        device = words.joined(separator: "/")
        // A filter of wildcards alone would match the whole broker.
        let isBroad = match.filter.split(separator: "/").allSatisfy { $0 == "+" || $0 == "#" }
        filter = isBroad ? topic : match.filter
        let spoken = match.device?.split(separator: "/").first { $0.contains { $0.isLetter } }.map(String.init)
        name = Self.name(spoken ?? (device.isEmpty ? topic : device))
        self.keys = keys
        topicID = match.id
        prefix = match.prefix
        guard let ask, let first = match.device?.split(separator: "/").first else { return }
        // A level of the reader's own precedes the device, in the template or not.
        let isSpelled = !match.ending.hasPrefix(first + "/")
        let base = isSpelled ? prefix : prefix.split(separator: "/").dropLast().joined(separator: "/")
        self.ask = (base.isEmpty ? "" : base + "/") + ask.replacing("{device}", with: first)
    }

    /// A prefix of a broker bridge has no more levels than this.
    private static let prefixLimit = 6

    /// The filter with its wildcards replaced by what they matched, as far as they identify the device.
    private static func spell(
        _ filter: String, captures: [Substring], topic: String, adapter: any Adapter
    ) -> String {
        let device = adapter.device(of: topic, captures: captures)
        var position = 0
        var spelled: [String] = []
        for level in filter.split(separator: "/", omittingEmptySubsequences: false) {
            guard level == "+" || level == "#" else {
                spelled.append(String(level))
                continue
            }
            // A name below `#` may have several levels; all names belong to one device when any other name does.
            var other = captures
            other[position] = "x"
            if level == "#", adapter.device(of: fill(filter, with: other), captures: other) == device {
                spelled.append("#")
                position += 1
                continue
            }
            var words = captures[position].split(separator: "/", omittingEmptySubsequences: false)
            for index in words.indices {
                let word = words[index]
                words[index] += "x"
                var altered = captures
                altered[position] = Substring(words.joined(separator: "/"))
                words[index] = word
                let other = adapter.device(of: fill(filter, with: altered), captures: altered)
                spelled.append(other == device ? "+" : String(word))
            }
            position += 1
        }
        return spelled.joined(separator: "/")
    }

    /// The topic that a filter matches, with these words in place of its wildcards.
    private static func fill(_ filter: String, with captures: [Substring]) -> String {
        var rest = captures[...]
        return filter.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == "+" || $0 == "#" ? rest.popFirst() ?? "" : $0 }.joined(separator: "/")
    }

    private static func name(_ levels: String) -> String {
        let words = levels.split(separator: "/").filter { !generic.contains($0.lowercased()) }
        return words.last.map(String.init) ?? levels
    }

    /// Levels that do not identify a reader.
    private static let generic: Set = [
        "+", "#", "tele", "stat", "sensor", "status8", "status10", "result", "ds", "dt", "raw", "telegram", "data",
        "state",
        "text_sensor", "json", "connected", "status", "energy", "site", "grid", "get", "events", "rpc", "emeter",
    ]
}
