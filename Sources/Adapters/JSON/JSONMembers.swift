// SPDX-License-Identifier: Apache-2.0

/// The values inside an object or array, in the order of the wire, walked without an allocation.
struct JSONMembers: Sequence {
    fileprivate let tape: JSONTape
    fileprivate let container: Int
    fileprivate let isWanted: Bool

    init(tape: JSONTape, container: Int, isWanted: Bool) {
        self.tape = tape
        self.container = container
        self.isWanted = isWanted
    }

    /// A member; in an array its key is empty.
    struct Member {
        let key: JSONText
        let value: JSONValue
    }

    /// Walks over the members.
    struct Iterator: IteratorProtocol {
        fileprivate let tape: JSONTape
        fileprivate var index: Int
        fileprivate let end: Int

        mutating func next() -> Member? {
            guard index < end else { return nil }
            let node = tape.nodes[index]
            let member = Member(
                key: JSONText(tape: tape, range: node.key), value: JSONValue(tape: tape, index: index))
            index = Int(node.next)
            return member
        }
    }

    func makeIterator() -> Iterator {
        Iterator(tape: tape, index: container + 1, end: isWanted ? Int(tape.nodes[container].next) : 0)
    }
}
