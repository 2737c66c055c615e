// SPDX-License-Identifier: Apache-2.0

/// One value of a document.
package struct JSONValue: Sendable {
    /// What a value is.
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, boolean
        /// `null`, and a number that was `nan` or `inf`.
        case null
    }

    fileprivate let tape: JSONTape
    fileprivate let index: Int

    package init(tape: JSONTape, index: Int) {
        self.tape = tape
        self.index = index
    }

    /// The kind of the value.
    package var kind: Kind { tape.nodes[index].kind }

    /// The position in the payload: that of the first byte, for a text the byte behind the quote.
    package var position: Int { Int(tape.nodes[index].text.start) }

    /// The text of a string; nil for other kinds.
    package var text: String? { kind == .string ? literal.string : nil }

    /// The number, exactly; nil for other kinds and for more digits than a register can have.
    package var decimal: ExactDecimal? {
        kind == .number ? literal.withBytes { ExactDecimal(bytes: $0) } : nil
    }

    /// The number, also when it is in quotes (`"2.98"`).
    package var quotedDecimal: ExactDecimal? {
        kind == .number || kind == .string ? literal.withBytes { ExactDecimal(bytes: $0) } : nil
    }

    /// Whether a boolean is true; nil for other kinds.
    package var boolean: Bool? { kind == .boolean ? tape.bytes[position] == UInt8(ascii: "t") : nil }

    /// The bytes of a string or a number as they are in the payload; empty for other kinds.
    package var literal: JSONText { JSONText(tape: tape, range: tape.nodes[index].text) }

    /// The members of an object, in order, repetitions included; none for other kinds.
    package var members: JSONMembers { JSONMembers(tape: tape, container: index, isWanted: kind == .object) }

    /// The elements of an array; none for other kinds.
    package var elements: JSONMembers { JSONMembers(tape: tape, container: index, isWanted: kind == .array) }

    /// The first member of that name.
    package subscript(_ key: StaticString) -> JSONValue? {
        for member in members where member.key == key { return member.value }
        return nil
    }

    /// How many members have that name: more than one when a script uses a label twice.
    package func count(of key: StaticString) -> Int {
        members.reduce(0) { $1.key == key ? $0 + 1 : $0 }
    }
}
