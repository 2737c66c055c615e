// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// A reader whose fields are mapped by YAML: `json` with the user's file, or a shipped mapping under its name.
struct MappedAdapter: Adapter {
    let name: String
    let mapping: FieldMapping

    var defaultFilters: [String] { mapping.filters }
    var sendsIDSeparately: Bool { mapping.sendsIDSeparately }
    /// A shipped mapping defines a reader's format; a user's mapping does not.
    var units: UnitOrigin { name == Self.general ? .script : .format }

    /// The adapter for a mapping in a user's file.
    static let general = "json"

    /// The device from the mapping's topics, otherwise the words that the wildcards matched, without the level that
    /// names a field.
    func device(of topic: String, captures: [Substring]) -> String {
        guard !mapping.isOneDevice, let last = captures.last else { return "" }
        if let ending = mapping.availabilityTopics.first(where: { last == $0 || last.hasSuffix("/" + $0) }) {
            return Self.device(captures, without: ending)
        }
        guard let match = mapping.place(of: topic) else { return captures.joined(separator: "/") }
        if let device = match.device {
            // The levels before the device count when a wildcard matched them.
            let words = captures.joined(separator: "/")
            let isCaptured = !match.prefix.isEmpty && (words == match.prefix || words.hasPrefix(match.prefix + "/"))
            return isCaptured ? "\(match.prefix)/\(device)" : device
        }
        // The last wildcard matches the name, part of the ending, or more than the ending.
        let ending = match.ending
        let cut = [ending, match.name].compactMap(\.self).first { last == $0 || last.hasSuffix("/" + $0) }
        if let cut { return Self.device(captures, without: cut) }
        return (ending.hasSuffix(last) ? captures.dropLast() : captures[...]).joined(separator: "/")
    }

    private static func device(_ captures: [Substring], without ending: String) -> String {
        guard let last = captures.last else { return "" }
        let rest = last.utf8.count == ending.utf8.count ? [] : [last.dropLast(ending.count + 1)]
        return (captures.dropLast() + rest).joined(separator: "/")
    }

    func makeDecoder() -> any TelegramDecoder { MappedDecoder(mapping) }
}

extension FieldMapping {
    /// True when the reader only uses the topics of its templates, because they name the device.
    var isClosed: Bool { templates.contains(where: \.namesDevice) }

    /// Matches a topic with the templates: first one that gives a known field, then one without a field, then the
    /// first.
    func place(of topic: String) -> TopicTemplate.Match? {
        var other: TopicTemplate.Match?
        for template in templates where !template.namesField || index.hasNames || index.hasScopes || codes != nil {
            guard let match = template.match(topic, shape: index.shape, isKnown: isKnown) else { continue }
            if match.isKnown || match.name == nil { return match }
            other = other ?? match
        }
        return other
    }

    /// True for a topic whose template assigns the whole payload to the reader.
    func spells(_ topic: String) -> Bool {
        guard let match = place(of: topic) else { return false }
        return match.name == nil && match.isOwn
    }

    private func isKnown(_ name: String) -> Bool {
        index.knows(name) || codes.map { _ in CodeUnits.code(of: name) != nil } ?? false
    }

    /// The alternatives for a field's name; a name that is an OBIS code needs no line.
    func fields(named name: String) -> [Field] {
        let found = index.fields(named: name)
        guard found.isEmpty, let meaning = codes?.meaning(of: name), let key = FieldKey(name) else { return found }
        return [Field(key: key, meaning: meaning)]
    }
}

extension NamePattern {
    /// The text that links a field to others: the words for its wildcards, or its whole name.
    func link(of name: String) -> String { hasWildcard ? word(of: name) ?? name : name }
}
