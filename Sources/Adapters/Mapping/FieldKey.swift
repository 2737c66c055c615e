// SPDX-License-Identifier: Apache-2.0

/// Where a field of a mapping stands: a name (`power`, `Ac/L1/Power`, `+/raw`), a pointer into the JSON of every topic (`/a/b`), or
/// one into that of the topics of a name (`currents#/0`).
struct FieldKey: Sendable, Hashable {
    /// The key as written.
    let text: String
    /// The name; nil for a pointer that counts on every topic.
    let name: NamePattern?
    let pointer: JSONPointer?

    /// Nil for an empty name, and for a wildcard beside other letters.
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

    /// The keys that a `{phase}` in it stands for, one for each of the three words.
    static func phases(_ text: String, words: [String]) -> [String] {
        guard text.contains("{phase}") else { return [text] }
        return words.map { text.replacing("{phase}", with: $0) }
    }
}

/// The name of a field; `+` stands for any one level.
struct NamePattern: Sendable, Hashable {
    let text: String
    /// Nil without a wildcard.
    private let levels: [Substring]?

    /// Nil when it is empty, or a level has a wildcard beside other letters.
    init?(_ text: String) {
        self.text = text
        guard !text.isEmpty, !text.contains("{"), !text.contains("}") else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        levels = parts.contains("+") ? parts : nil
        guard parts.allSatisfy({ $0 == "+" || !($0.contains("+") && parts.count > 1) }) else { return nil }
    }

    var hasWildcard: Bool { levels != nil }

    /// What the wildcards stand for, joined; empty for a name without one, nil when it is another name.
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
