// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The features that identify the messages of a device as a reader's: fields in the JSON, some of them in the topic.
///
/// They describe the shape of the reader's field names, never an id or a topic chosen by its user.
struct Recognition: Sendable, Equatable {
    /// From each of these groups one field must have been received: `[[/a], [/b, /c]]` is a, and b or c.
    var fields: [[FieldKey]]
    /// Fields that another reader has and this one does not.
    var absent: [FieldKey] = []
    /// The rank among readers with the same field names: the more specific reader is proposed.
    var rank = 0

    /// What a person must check first, such as the unit or the medium; nil when the payload leaves no doubt.
    var doubt: String?

    /// All keys in `fields`.
    var all: [FieldKey] { fields.flatMap(\.self) }

    /// True when the keys received from a device are sufficient.
    func holds(_ heard: Set<String>) -> Bool {
        fields.allSatisfy { $0.contains { heard.contains($0.text) } } && !absent.contains { heard.contains($0.text) }
    }

    /// The keys of the recognition that occur in one message.
    ///
    /// - Parameter name: the field named by the topic, nil for none.
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
