// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The position of a value in JSON (RFC 6901), with two additions: a level `NAME=WORD` selects the first element of an
/// array whose member NAME is that word, because readers list devices in any order (`/external/type=gas_meter/value`),
/// and `*` selects the first member or element that contains the rest of the pointer.
struct JSONPointer: Sendable, Hashable {
    /// The pointer as written.
    let text: String
    /// The path before the last level, and that level; nil for a pointer that selects elements, whose values have their
    /// own units.
    let place: Place?
    private let levels: [Level]

    /// A member of an object.
    struct Place: Sendable, Hashable {
        /// The pointer to the object.
        let object: String
        let key: String
    }

    private enum Level: Sendable, Hashable {
        case member([UInt8], index: Int?)
        case element(key: [UInt8], word: [UInt8])
        case any
    }

    /// nil when the text does not begin with `/`. `~1` stands for a slash in a key and `~0` for a tilde.
    init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        self.text = text
        levels = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { level in
            if level == "*" { return .any }
            let word = level.replacing("~1", with: "/").replacing("~0", with: "~")
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { return .element(key: Array(parts[0].utf8), word: Array(parts[1].utf8)) }
            return .member(Array(word.utf8), index: Int(word))
        }
        place = Self.place(text, levels)
    }

    private static func place(_ text: String, _ levels: [Level]) -> Place? {
        guard case .member(let key, index: nil)? = levels.last, let slash = text.lastIndex(of: "/"),
            levels.dropLast().allSatisfy({ if case .member = $0 { true } else { false } })
        else { return nil }
        return Place(object: String(text[..<slash]), key: String(decoding: key, as: UTF8.self))
    }

    /// The value at the pointer; nil when there is none. For a repeated key the first value is used.
    func value(in root: JSONValue) -> JSONValue? { Self.find(levels[...], in: root) }

    /// The elements that the first level `NAME=WORD` selects from, in the order of the list, and the rest of the
    /// pointer for each; empty for a pointer without such a level.
    func elements(in root: JSONValue) -> (list: String, elements: [JSONValue], rest: JSONPointer)? {
        guard
            let index = levels.firstIndex(where: {
                if case .element = $0 { true } else { false }
            }), case .element(let key, let word) = levels[index], let list = Self.find(levels[..<index], in: root)
        else { return nil }
        let chosen = list.elements.map(\.value).filter { $0.member(key)?.literal.equals(word) == true }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return (
            parts[...(index + 1)].joined(separator: "/"), chosen,
            JSONPointer(text: text, levels: Array(levels[(index + 1)...]))
        )
    }

    /// The outermost value.
    static let document = JSONPointer(text: "", levels: [])

    private init(text: String, levels: [Level]) {
        self.text = text
        self.levels = levels
        place = nil
    }

    private static func find(_ levels: ArraySlice<Level>, in value: JSONValue) -> JSONValue? {
        guard let level = levels.first else { return value }
        let rest = levels.dropFirst()
        switch level {
        case .member(let key, let index):
            if value.kind == .object { return value.member(key).flatMap { find(rest, in: $0) } }
            guard let index, index >= 0 else { return nil }
            for (position, element) in value.elements.enumerated() where position == index {
                return find(rest, in: element.value)
            }
            return nil
        case .element(let key, let word):
            for element in value.elements where element.value.member(key)?.literal.equals(word) == true {
                return find(rest, in: element.value)
            }
            return nil
        case .any:
            for member in value.members {
                if let found = find(rest, in: member.value) { return found }
            }
            for element in value.elements {
                if let found = find(rest, in: element.value) { return found }
            }
            return nil
        }
    }
}

extension JSONValue {
    /// The first member with that name.
    func member(_ key: [UInt8]) -> JSONValue? {
        for member in members where member.key.equals(key) { return member.value }
        return nil
    }
}
