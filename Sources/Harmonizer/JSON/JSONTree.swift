// SPDX-License-Identifier: Apache-2.0

/// JSON as a value, for documents that people read: members keep their order, and it is written with indentation.
public indirect enum JSONTree: Sendable, Equatable {
    case object([Member])
    case array([JSONTree])
    case text(String)
    case number(Int)
    case flag(Bool)

    /// A member of an object.
    public struct Member: Sendable, Equatable {
        var key: String
        var value: JSONTree
    }

    /// The document with two blanks a level and a line end behind it.
    public var document: String { indented(by: "") + "\n" }

    private func indented(by indentation: String) -> String {
        let inner = indentation + "  "
        switch self {
        case .object(let members):
            guard !members.isEmpty else { return "{}" }
            let lines = members.map { "\(inner)\(Self.quoted($0.key)): \($0.value.indented(by: inner))" }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
        case .array(let elements):
            let short = elements.map { $0.indented(by: inner) }
            if elements.allSatisfy(\.isScalar) { return "[\(short.joined(separator: ", "))]" }
            return "[\n\(short.map { inner + $0 }.joined(separator: ",\n"))\n\(indentation)]"
        case .text(let text): return Self.quoted(text)
        case .number(let number): return "\(number)"
        case .flag(let flag): return flag ? "true" : "false"
        }
    }

    private var isScalar: Bool {
        switch self {
        case .object, .array: false
        case .text, .number, .flag: true
        }
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// This object with more members behind its own.
    func adding(_ members: [(String, JSONTree)]) -> JSONTree {
        guard case .object(let own) = self else { return self }
        return .object(own + members.map { Member(key: $0.0, value: $0.1) })
    }

    /// An object with its members in this order.
    public static func members(_ members: [(String, JSONTree)]) -> JSONTree { .object(members) }

    static func object(_ members: [(String, JSONTree)]) -> JSONTree {
        .object(members.map { Member(key: $0.0, value: $0.1) })
    }

    static func texts(_ texts: some Sequence<String>) -> JSONTree { .array(texts.map { .text($0) }) }
}

extension JSONTree: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    /// An object with its members in this order.
    public init(dictionaryLiteral elements: (String, JSONTree)...) { self = .object(elements) }
    /// An array.
    public init(arrayLiteral elements: JSONTree...) { self = .array(elements) }
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .number(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
}
