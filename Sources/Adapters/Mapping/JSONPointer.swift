// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Where a value stands in JSON (RFC 6901), with one addition: a level `NAME=WORD` chooses the first element of an array
/// whose member NAME is that word, because readers list devices in any order (`/external/type=gas_meter/value`).
struct JSONPointer: Sendable, Hashable {
    /// The pointer as written.
    let text: String
    private let levels: [Level]

    private enum Level: Sendable, Hashable {
        case member([UInt8], index: Int?)
        case element(key: [UInt8], word: [UInt8])
    }

    /// Nil when the text does not begin with `/`. `~1` stands for a slash in a key and `~0` for a tilde.
    init?(_ text: String) {
        guard text.hasPrefix("/") else { return nil }
        self.text = text
        levels = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { level in
            let word = level.replacing("~1", with: "/").replacing("~0", with: "~")
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { return .element(key: Array(parts[0].utf8), word: Array(parts[1].utf8)) }
            return .member(Array(word.utf8), index: Int(word))
        }
    }

    /// What it points at; nil when there is nothing. Of a key that comes more than once the first is taken.
    func value(in root: JSONValue) -> JSONValue? {
        var value = root
        for level in levels {
            guard let next = Self.step(level, in: value) else { return nil }
            value = next
        }
        return value
    }

    private static func step(_ level: Level, in value: JSONValue) -> JSONValue? {
        switch level {
        case .member(let key, let index):
            if value.kind == .object { return value.member(key) }
            guard let index, index >= 0 else { return nil }
            for (position, element) in value.elements.enumerated() where position == index { return element.value }
            return nil
        case .element(let key, let word):
            for element in value.elements where element.value.member(key)?.literal.equals(word) == true {
                return element.value
            }
            return nil
        }
    }
}

extension JSONValue {
    /// The first member of that name.
    func member(_ key: [UInt8]) -> JSONValue? {
        for member in members where member.key.equals(key) { return member.value }
        return nil
    }
}
