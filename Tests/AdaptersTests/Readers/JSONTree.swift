// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// JSON that can be changed and written again, with its numbers as they were.
indirect enum JSONTree: Sendable {
    case object([Member])
    case list([JSONTree])
    case text(String)
    /// A number, `true`, `null`: what stands without quotes.
    case word(String)

    struct Member: Sendable {
        var key: String
        var value: JSONTree
    }

    /// Nil for a payload that is no object and no list.
    init?(_ payload: [UInt8]) {
        let first = payload.first { $0 > 0x20 }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let root = try? JSONDocument.parse(payload).root
        else { return nil }
        self.init(root)
    }

    private init(_ value: JSONValue) {
        switch value.kind {
        case .object: self = .object(value.members.map { Member(key: $0.key.string, value: JSONTree($0.value)) })
        case .array: self = .list(value.elements.map { JSONTree($0.value) })
        case .string: self = .text(value.literal.string)
        case .number, .boolean: self = .word(value.literal.string)
        case .null: self = .word("null")
        }
    }

    var bytes: [UInt8] { Array(written.utf8) }

    private var written: String {
        switch self {
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0.key)):\($0.value.written)" }.joined(separator: ",") + "}"
        case .list(let elements): "[" + elements.map(\.written).joined(separator: ",") + "]"
        case .text(let text): Self.quoted(text)
        case .word(let word): word
        }
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The tree with every object, and every other value, changed; the innermost first.
    func mapped(object: ([Member]) -> [Member], leaf: (JSONTree) -> JSONTree) -> JSONTree {
        switch self {
        case .object(let members):
            .object(object(members.map { Member(key: $0.key, value: $0.value.mapped(object: object, leaf: leaf)) }))
        case .list(let elements): .list(elements.map { $0.mapped(object: object, leaf: leaf) })
        case .text, .word: leaf(self)
        }
    }

    /// The trees in which one member of one object is missing, each with its name.
    var withoutOne: [(name: String, tree: JSONTree)] {
        switch self {
        case .object(let members):
            members.indices.flatMap { index -> [(name: String, tree: JSONTree)] in
                var rest = members
                let member = rest.remove(at: index)
                let inner = member.value.withoutOne.map { inner -> (name: String, tree: JSONTree) in
                    var changed = members
                    changed[index].value = inner.tree
                    return ("\(member.key)/\(inner.name)", .object(changed))
                }
                return [(member.key, .object(rest))] + inner
            }
        case .list, .text, .word: []
        }
    }
}
