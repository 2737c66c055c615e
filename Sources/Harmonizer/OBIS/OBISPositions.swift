// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The positions of a meter's registers in its list, by code: eight bytes each, found by binary search.
///
/// Every register of every message is looked up, in bridges with thousands of meters: a dictionary costs three times the time
/// and five times the memory.
struct OBISPositions: Sendable {
    /// The code above 16 bits of position, in ascending order.
    private var entries: [UInt64] = []

    /// The position of a code; nil when it was never set.
    subscript(_ obis: OBISCode) -> Int? {
        let index = firstIndex(notBelow: obis)
        guard index < entries.count, entries[index] >> 16 == obis.packed else { return nil }
        return Int(entries[index] & 0xffff)
    }

    /// Sets the position, 0…65535, of a code.
    mutating func set(_ obis: OBISCode, _ position: UInt16) {
        let index = firstIndex(notBelow: obis)
        let entry = obis.packed << 16 | UInt64(position)
        if index < entries.count, entries[index] >> 16 == obis.packed {
            entries[index] = entry
        } else {
            entries.insert(entry, at: index)
        }
    }

    private func firstIndex(notBelow obis: OBISCode) -> Int {
        let wanted = obis.packed << 16
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Equal lists, stored once for all meters that have them.
    final class Pool: Sendable {
        private let known = Mutex<[[UInt64]]>([])
        /// The most different lists that are compared; a meter beyond the limit keeps its own.
        private static let limit = 64

        /// Replaces a list that has grown by the equal one of another meter, or keeps it for others.
        func share(_ positions: inout OBISPositions) {
            positions.entries = known.withLock { [own = positions.entries] known in
                if let same = known.first(where: { $0 == own }) { return same }
                // No more room than needed: an array that grew has up to twice as much.
                let tight = Array(unsafeUninitializedCapacity: own.count) { buffer, count in
                    count = buffer.initialize(fromContentsOf: own)
                }
                if known.count < Self.limit { known.append(tight) }
                return tight
            }
        }
    }
}
