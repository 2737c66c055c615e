// SPDX-License-Identifier: Apache-2.0

/// The values inside an object or array, in the order of the wire, walked without an allocation.
package struct JSONMembers: Sequence {
    fileprivate let tape: JSONTape
    fileprivate let container: Int
    fileprivate let isWanted: Bool

    init(tape: JSONTape, container: Int, isWanted: Bool) {
        self.tape = tape
        self.container = container
        self.isWanted = isWanted
    }

    /// A member; in an array its key is empty.
    package struct Member {
        package let key: JSONText
        package let value: JSONValue
    }

    /// Walks over the members.
    package struct Iterator: IteratorProtocol {
        fileprivate let tape: JSONTape
        fileprivate var index: Int
        fileprivate let end: Int

        package mutating func next() -> Member? {
            guard index < end else { return nil }
            let node = tape.nodes[index]
            let member = Member(
                key: JSONText(tape: tape, range: node.key), value: JSONValue(tape: tape, index: index))
            index = Int(node.next)
            return member
        }
    }

    /// Walks over the members without handing out the payload for each: plain numbers under keys of at most seven bytes
    /// are passed as numbers.
    ///
    /// - Parameters:
    ///   - number: takes a number with its key (`JSONText.short`), or returns false.
    ///   - other: takes every other member.
    package func forEach(number: (UInt64, ExactDecimal) -> Bool, other: (JSONText, JSONValue) -> Void) {
        guard isWanted else { return }
        tape.nodes.withUnsafeBufferPointer { nodes in
            tape.bytes.withUnsafeBufferPointer { bytes in
                var index = container + 1
                let end = Int(nodes[container].next)
                while index < end {
                    let node = nodes[index]
                    if node.kind != .number || !node.isOffered(bytes, number) {
                        other(JSONText(tape: tape, range: node.key), JSONValue(tape: tape, index: index))
                    }
                    index = Int(node.next)
                }
            }
        }
    }

    package func makeIterator() -> Iterator {
        Iterator(tape: tape, index: container + 1, end: isWanted ? Int(tape.nodes[container].next) : 0)
    }
}

extension JSONTape.Node {
    /// True when `take` accepted the number.
    @inline(__always) fileprivate func isOffered(
        _ bytes: UnsafeBufferPointer<UInt8>, _ take: (UInt64, ExactDecimal) -> Bool
    ) -> Bool {
        guard let key = JSONText.short(bytes.rebased(key)), let number = ExactDecimal(bytes: bytes.rebased(text)) else {
            return false
        }
        return take(key, number)
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func rebased(_ range: JSONTape.ByteRange) -> Self {
        Self(rebasing: self[Int(range.start)..<Int(range.end)])
    }
}
