// SPDX-License-Identifier: Apache-2.0

/// How the topics end on which a reader publishes one field each: `{field}`, `sensor/{field}/state`; `{known}` where other topics
/// of the same depth are no fields.
struct TopicEnding: Sendable, Equatable {
    /// The levels before and behind the field's name.
    private let before: [Substring]
    private let behind: [Substring]
    /// True when every word in the place of the name is a field, known or not.
    private let isOpen: Bool

    /// Nil when the text has not exactly one level `{field}` or `{known}`, or a wildcard.
    init?(_ text: String) {
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        let names: [Substring] = ["{field}", "{known}"]
        guard levels.count(where: names.contains) == 1, let index = levels.firstIndex(where: names.contains),
            !text.contains("+"), !text.contains("#")
        else { return nil }
        isOpen = levels[index] == "{field}"
        before = Array(levels[..<index])
        behind = Array(levels[(index + 1)...])
    }

    /// The name of the field that a topic ends in: the longest that is known, else one level; nil when it ends otherwise.
    ///
    /// - Parameter isKnown: names may have several levels: `gas/delivered`.
    func field(of topic: String, isKnown: (String) -> Bool) -> (name: String, isKnown: Bool)? {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard levels.count > before.count + behind.count, levels.suffix(behind.count).elementsEqual(behind) else {
            return nil
        }
        let rest = levels.dropLast(behind.count)
        for count in stride(from: min(Self.nameLimit, rest.count - before.count), through: 1, by: -1) {
            guard rest.dropLast(count).suffix(before.count).elementsEqual(before) else { continue }
            let name = rest.suffix(count).joined(separator: "/")
            if isKnown(name) { return (name, true) }
            if count == 1, isOpen { return (name, false) }
        }
        return nil
    }

    /// The whole ending with this name in it.
    func text(of name: String) -> String { (before + [Substring(name)] + behind).joined(separator: "/") }

    /// Names with more levels than this are none.
    private static let nameLimit = 8
}
