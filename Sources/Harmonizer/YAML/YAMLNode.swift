// SPDX-License-Identifier: Apache-2.0

/// A piece of YAML with its place. Scalars are text exactly as written, because ids such as `012345`, `10:30` and `no`
/// must not become numbers, times or booleans.
package struct YAMLNode: Sendable {
    /// Where the node starts; after a merge each value keeps the place of the file it came from.
    package var mark: SourceMark
    /// The scalar, sequence or mapping.
    package var content: Content

    /// Makes a node.
    package init(_ content: Content, at mark: SourceMark) {
        self.content = content
        self.mark = mark
    }

    /// The three shapes of YAML.
    package enum Content: Sendable {
        /// `isPlain` is false in quotes, where `~` and an empty text are texts.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Member])
    }

    /// A key with its value.
    package struct Member: Sendable {
        /// The key.
        package var key: String
        /// The key's place.
        package var keyMark: SourceMark
        /// The value.
        package var value: YAMLNode

        /// Makes a member.
        package init(key: String, keyMark: SourceMark, value: YAMLNode) {
            self.key = key
            self.keyMark = keyMark
            self.value = value
        }
    }

    /// True for `~`, `null` and nothing at all.
    package var isNull: Bool {
        if case .scalar(let text, isPlain: true) = content { return Self.isNull(text) }
        return false
    }

    /// The spellings of null.
    static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

    /// The keys in the order of the file; none where this is not a mapping.
    package var keys: [String] {
        guard case .mapping(let members) = content else { return [] }
        return members.map(\.key)
    }

    /// The value of a member, nil when there is none or this is not a mapping.
    package subscript(key: String) -> YAMLNode? {
        guard case .mapping(let members) = content else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// This mapping with `overlay` on top: mappings merge, anything else is replaced, `~` removes.
    package func merged(with overlay: YAMLNode) -> YAMLNode {
        guard case .mapping(var members) = content, case .mapping(let changes) = overlay.content else { return overlay }
        for change in changes {
            let index = members.firstIndex { $0.key == change.key }
            if change.value.isNull {
                if let index { members.remove(at: index) }
            } else if let index {
                members[index].value = members[index].value.merged(with: change.value)
            } else {
                members.append(change)
            }
        }
        return YAMLNode(.mapping(members), at: mark)
    }
}
