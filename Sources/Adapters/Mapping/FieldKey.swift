// SPDX-License-Identifier: Apache-2.0

/// The key of a mapping's field: a name (`power`, `Ac/L1/Power`, `+/raw`), a pointer into the JSON of every topic
/// (`/a/b`), or a pointer into the JSON of the topics with a name (`currents#/0`).
struct FieldKey: Sendable, Hashable {
    /// The key as written.
    let text: String
    /// The name; nil for a pointer that applies to every topic.
    let name: NamePattern?
    let pointer: JSONPointer?

    /// nil for an empty name, and for a level with a wildcard and other characters.
    init?(_ text: String) {
        self.text = text
        if text.hasPrefix("/") {
            name = nil
            pointer = JSONPointer(text)
        } else if let hash = text.firstRange(of: "#/") {
            name = NamePattern(String(text[..<hash.lowerBound]))
            pointer = JSONPointer(String(text[text.index(before: hash.upperBound)...]))
            if name == nil { return nil }
        } else {
            name = NamePattern(text)
            pointer = nil
            if name == nil { return nil }
        }
    }

    /// Expands `{phase}` in a key: one key for each of the three words.
    static func phases(_ text: String, words: [String]) -> [String] {
        guard text.contains("{phase}") else { return [text] }
        return words.map { text.replacing("{phase}", with: $0) }
    }
}

/// The name of a field; `+` matches any one level.
struct NamePattern: Sendable, Hashable {
    let text: String
    /// nil without a wildcard.
    private let levels: [Substring]?

    /// nil when it is empty, or a level has a wildcard and other characters.
    init?(_ text: String) {
        self.text = text
        guard !text.isEmpty, !text.contains("{"), !text.contains("}") else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        levels = parts.contains("+") ? parts : nil
        guard parts.allSatisfy({ $0 == "+" || !($0.contains("+") && parts.count > 1) }) else { return nil }
    }

    var hasWildcard: Bool { levels != nil }

    /// The words that the wildcards match, joined; empty for a pattern without wildcards, nil when the name does not
    /// match.
    func word(of name: String) -> String? {
        guard let levels else { return name == text ? "" : nil }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == levels.count else { return nil }
        var words: [Substring] = []
        for (part, level) in zip(parts, levels) {
            if level == "+" { words.append(part) } else if part != level { return nil }
        }
        return words.joined(separator: "/")
    }
}
