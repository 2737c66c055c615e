// SPDX-License-Identifier: Apache-2.0

/// Reads a mapping key by key and reports every key that was not asked for.
///
/// Each accessor returns nil for a key that is absent or that holds something else; the latter is reported.
package struct YAMLReader {
    /// The mapping's place.
    package let mark: SourceMark
    /// Where problems go.
    package let problems: ProblemList
    private let what: String
    private let members: [YAMLNode.Member]
    private var known: Set<String> = []

    /// Opens a mapping. An absent node reads as an empty mapping at `mark`; `what` names it in messages: `a source`.
    package init(_ node: YAMLNode?, what: String, at mark: SourceMark, problems: ProblemList) {
        self.mark = node?.mark ?? mark
        self.what = what
        self.problems = problems
        switch node?.content {
        case .mapping(let members): self.members = members
        case nil: members = []
        case .scalar where node?.isNull == true: members = []
        default:
            members = []
            problems.error(self.mark, "\(what) is a mapping of keys to values")
        }
    }

    /// The keys in the order of the file.
    package var keys: [String] { members.map(\.key) }

    /// The value of `key`, nil when absent.
    package mutating func node(_ key: String) -> YAMLNode? { member(key)?.value }

    /// Key and value.
    package mutating func member(_ key: String) -> YAMLNode.Member? {
        known.insert(key)
        return members.first { $0.key == key }
    }

    /// A mapping below this one.
    package mutating func map(_ key: String, what: String) -> YAMLReader {
        YAMLReader(node(key), what: what, at: mark, problems: problems)
    }

    /// Text as written; nil for `~`.
    package mutating func text(_ key: String) -> String? { scalar(key)?.text }

    /// A single value with its place; nil for `~`, which means "as if this line were absent".
    private mutating func scalar(_ key: String) -> (text: String, mark: SourceMark)? {
        guard let node = node(key), !node.isNull else { return nil }
        return node.text(key, problems: problems).map { ($0, node.mark) }
    }

    /// True or false.
    package mutating func flag(_ key: String) -> Bool? {
        guard let (text, mark) = scalar(key) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            problems.error(mark, "\"\(key)\" is true or false, not \"\(text)\"")
            return nil
        }
    }

    /// A whole number within `range`.
    package mutating func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let (text, mark) = scalar(key) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            problems.error(
                mark,
                "\"\(key)\" is a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            return nil
        }
        return number
    }

    /// A time span: `500ms`, `2s`, `5m`, `1h`, `7d`.
    package mutating func span(_ key: String) -> TimeSpan? {
        guard let (text, mark) = scalar(key) else { return nil }
        guard let span = TimeSpan(text) else {
            problems.error(mark, "\"\(key)\" is a time span such as 500ms, 30s, 5m, 2h or 7d, not \"\(text)\"")
            return nil
        }
        return span
    }

    /// One of a list of words.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, of type: Choice.Type = Choice.self
    ) -> Choice? {
        guard let (text, mark) = scalar(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let words = Choice.allCases.map(\.rawValue)
        problems.error(mark, "unknown \(key) \"\(text)\"" + NearestWord.hint(text, in: words))
        return nil
    }

    /// One text, or a list of texts, each with its place.
    package mutating func texts(_ key: String) -> [(text: String, mark: SourceMark)]? {
        guard let node = node(key), !node.isNull else { return nil }
        switch node.content {
        case .scalar(let text, _): return [(text, node.mark)]
        case .sequence(let items):
            return items.compactMap { item in item.text(key, problems: problems).map { ($0, item.mark) } }
        case .mapping:
            problems.error(node.mark, "\"\(key)\" is a text or a list of texts")
            return nil
        }
    }

    /// Reports every key that was not asked for.
    ///
    /// - Parameter synonyms: words that people write for a key, with the key: `topic` for `subscribe`.
    package func finish(synonyms: [String: String] = [:]) {
        problems.note(keys: known, of: what)
        for member in members where !known.contains(member.key) {
            let hint =
                synonyms[member.key].map { ", did you mean \"\($0)\"?" } ?? NearestWord.hint(member.key, in: known)
            problems.error(member.keyMark, "unknown key \"\(member.key)\" in \(what)\(hint)")
        }
    }
}

extension YAMLNode {
    /// The text of a scalar; anything else is reported.
    package func text(_ key: String, problems: ProblemList) -> String? {
        guard case .scalar(let text, _) = content else {
            problems.error(mark, "\"\(key)\" is a single value")
            return nil
        }
        return text
    }
}
