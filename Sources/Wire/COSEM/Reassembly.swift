// SPDX-License-Identifier: Apache-2.0

/// A message that arrives in numbered pieces: blocks, M-Bus pieces, HDLC segments.
package struct Reassembly: Sendable, Equatable {
    /// The result of adding a piece.
    package enum Step: Sendable, Equatable {
        /// More pieces follow.
        case open
        /// The whole message.
        case whole([UInt8])
        /// A piece whose predecessor is missing: the message is lost.
        case lost(expected: Int, found: Int)
        /// More bytes than a message may have: the message is lost.
        case tooLarge
    }

    private var bytes: [UInt8] = []
    private var next: Int?
    private let first: Int
    private let limit: Int

    /// Pieces are numbered from `first`; together they have at most `limit` bytes.
    package init(first: Int, limit: Int) {
        self.first = first
        self.limit = limit
    }

    /// True while pieces are missing.
    package var isOpen: Bool { next != nil }
    /// The number of the next piece; nil when no message is open.
    package var expected: Int? { next }
    /// Bytes so far.
    package var count: Int { bytes.count }

    /// Discards the open message.
    package mutating func close() {
        bytes = []
        next = nil
    }

    /// Adds the piece with that number. The first piece begins a new message, even while another is open.
    package mutating func add(_ piece: ArraySlice<UInt8>, number: Int, isLast: Bool) -> Step {
        if number == first {
            bytes.removeAll(keepingCapacity: true)
            next = first
        }
        guard let wanted = next, wanted == number else {
            let expected = next ?? first
            close()
            return .lost(expected: expected, found: number)
        }
        guard bytes.count + piece.count <= limit else {
            close()
            return .tooLarge
        }
        bytes += piece
        guard isLast else {
            next = number + 1
            return .open
        }
        let whole = bytes
        close()
        return .whole(whole)
    }
}
