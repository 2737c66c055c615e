// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// A reader whose fields are mapped by YAML: `json` with the user's file, or one of the shipped mappings under its name.
struct MappedAdapter: Adapter {
    let name: String
    let mapping: FieldMapping

    var defaultFilters: [String] { mapping.filters }
    var sendsIDSeparately: Bool { mapping.sendsIDSeparately }

    /// What the wildcards matched, without the level that names a field.
    func device(of topic: String, captures: [Substring]) -> String {
        guard !mapping.isOneDevice, let last = captures.last else { return "" }
        if let ending = mapping.availabilityTopics.first(where: { last == $0 || last.hasSuffix("/" + $0) }) {
            return Self.device(captures, without: ending)
        }
        guard let (name, ending) = mapping.fieldName(of: topic) else { return captures.joined(separator: "/") }
        // The last wildcard stands for the name, for a part of the ending, or for more than the ending.
        let cut = [ending, name].first { last == $0 || last.hasSuffix("/" + $0) }
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
    /// The field that a topic names; `isKnown` is false when it names one that the mapping does not have. Nil for a topic that
    /// names none.
    func field(of topic: String) -> (field: Field?, isKnown: Bool)? {
        guard !named.isEmpty else { return nil }
        var other = false
        for ending in endings {
            guard let (name, _) = ending.field(of: topic, isKnown: { named[$0] != nil }) else { continue }
            if let field = named[name] { return (field, true) }
            other = true
        }
        return other ? (nil, false) : nil
    }

    /// The name of the field in a topic, known or not, and the ending that it stands in.
    func fieldName(of topic: String) -> (name: String, ending: String)? {
        guard !named.isEmpty else { return nil }
        var unknown: (name: String, ending: String)?
        for ending in endings {
            guard let (name, isKnown) = ending.field(of: topic, isKnown: { named[$0] != nil }) else { continue }
            let found = (name, ending.text(of: name))
            if isKnown { return found }
            unknown = unknown ?? found
        }
        return unknown
    }
}
