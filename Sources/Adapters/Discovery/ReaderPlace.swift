// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Where the reader stands that a topic belongs to, as one adapter sees it: which other topics are the same reader's.
struct ReaderPlace: Hashable {
    /// The filter that a source would subscribe to for this topic.
    let filter: String
    /// The reader within its adapter, with what a broker bridge put before its topics.
    let device: String
    /// A word for it: what a source may be called.
    let name: String
    /// By what the message is recognised as the reader's; empty where its topic says it all.
    var keys: [String] = []
    /// The id that the topic has; nil for none.
    var topicID: String?
    /// The levels before those of the reader: two of one name behind two broker bridges are two.
    var prefix = ""
    /// Where the reader wants to be asked.
    var ask: String?

    /// Nil when the adapter's vendor does not publish on such a topic.
    ///
    /// The vendor's usual filters tell, behind any levels that a broker bridge put before them. A wildcard stays one where the
    /// adapter takes all that it matches for the same device: a register's name, a field's.
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

    /// A reader on a topic of its user's choice.
    init(topic: String, device: String? = nil) {
        filter = topic
        self.device = device ?? topic
        name = Self.name(device ?? topic)
    }

    /// A reader on a topic that a mapping's template fits.
    init(_ match: TopicTemplate.Match, topic: String, keys: [String], ask: String? = nil) {
        let words = [match.prefix, match.device ?? ""].filter { !$0.isEmpty }
        device = words.joined(separator: "/")
        // A filter of wildcards alone would take in the whole broker.
        let isBroad = match.filter.split(separator: "/").allSatisfy { $0 == "+" || $0 == "#" }
        filter = isBroad ? topic : match.filter
        let spoken = match.device?.split(separator: "/").first { $0.contains { $0.isLetter } }.map(String.init)
        name = Self.name(spoken ?? (device.isEmpty ? topic : device))
        self.keys = keys
        topicID = match.id
        prefix = match.prefix
        guard let ask, let first = match.device?.split(separator: "/").first else { return }
        // A level of the reader's own stands before the device, in the template or not.
        let isSpelled = !match.ending.hasPrefix(first + "/")
        let base = isSpelled ? prefix : prefix.split(separator: "/").dropLast().joined(separator: "/")
        self.ask = (base.isEmpty ? "" : base + "/") + ask.replacing("{device}", with: first)
    }

    /// More levels than this before a vendor's own ones are no prefix of a broker bridge.
    private static let prefixLimit = 6

    /// The filter with what its wildcards matched in their place, as far as it names the device.
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
            // Below `#` a name may have several levels, and all of them are one device when any other name is.
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

    /// The topic that a filter matches with these words for its wildcards.
    private static func fill(_ filter: String, with captures: [Substring]) -> String {
        var rest = captures[...]
        return filter.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0 == "+" || $0 == "#" ? rest.popFirst() ?? "" : $0 }.joined(separator: "/")
    }

    private static func name(_ levels: String) -> String {
        let words = levels.split(separator: "/").filter { !generic.contains($0.lowercased()) }
        return words.last.map(String.init) ?? levels
    }

    /// Levels that say nothing about which reader it is.
    private static let generic: Set = [
        "+", "#", "tele", "stat", "sensor", "status8", "status10", "result", "ds", "dt", "raw", "telegram", "data",
        "state",
        "text_sensor", "json", "connected", "status", "energy", "site", "grid", "get", "events", "rpc", "emeter",
    ]
}
