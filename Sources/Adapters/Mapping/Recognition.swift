// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// By what the messages of a device are recognisably a reader's: fields that they have, some of them in the topic.
///
/// What stands here is the shape of the reader's words, never an id or a topic of its user's choice.
struct Recognition: Sendable, Equatable {
    /// Each of these groups has a field that was heard: `[[/a], [/b, /c]]` is a, and b or c.
    var fields: [[FieldKey]]
    /// Fields that another reader has and this one has not.
    var absent: [FieldKey] = []
    /// Words that stand before the other readers' of the same words: the more particular one is proposed.
    var rank = 0

    /// What a person has to know before it is believed: the unit, the medium; nil when the payload says it all.
    var doubt: String?

    /// The keys by which a message may be told.
    var all: [FieldKey] { fields.flatMap(\.self) }

    /// True when the keys heard of a device suffice.
    func holds(_ heard: Set<String>) -> Bool {
        fields.allSatisfy { $0.contains { heard.contains($0.text) } } && !absent.contains { heard.contains($0.text) }
    }

    /// The keys of the recognition that one message has.
    ///
    /// - Parameter name: the field that the topic names, nil for none.
    func heard(name: String?, root: JSONValue?) -> [String] {
        (all + absent).compactMap { key in
            if let pattern = key.name {
                if let name, pattern.word(of: name) != nil {
                    guard let pointer = key.pointer else { return key.text }
                    return root.flatMap { pointer.value(in: $0) } == nil ? nil : key.text
                }
                guard key.pointer == nil, let root, !pattern.hasWildcard else { return nil }
                return root.member(Array(pattern.text.utf8)) == nil ? nil : key.text
            }
            guard let root, let pointer = key.pointer else { return nil }
            return pointer.value(in: root) == nil ? nil : key.text
        }
    }
}
