// SPDX-License-Identifier: Apache-2.0

/// All devices, each with its decoder and what it holds back.
struct Readers: Sendable {
    private(set) var all: [Reader] = []
    /// Those that hold something back.
    private(set) var open: Set<Int> = []

    /// Adds a device under the next index.
    mutating func add(_ reader: Reader) { all.appendTightly(reader) }

    /// Takes over the devices that are kept, in the order of their new indices.
    mutating func adopt(_ kept: [Reader]) {
        all = kept
        open = Set(kept.indices.filter { kept[$0].isOpen })
    }

    /// Makes every decoder forget a sender: its frames may come through several devices.
    mutating func forget(sender: String) { for index in all.indices { all[index].decoder.forget(sender: sender) } }

    subscript(index: Int) -> Reader {
        get { all[index] }
        _modify { yield &all[index] }
    }

    /// Notes whether a device holds something back, after each of its messages.
    mutating func noteOpen(_ index: Int) {
        // Through the span, which copies no reader.
        if all.span[index].isOpen {
            open.insert(index)
        } else if !open.isEmpty {
            open.remove(index)
        }
    }

    /// The indices of the devices whose deadline has passed.
    func due(at now: Timestamp, _ groups: GroupSettings) -> [Int] {
        open.sorted().filter { index in all[index].deadline(groups).map { $0 <= now } ?? false }
    }

    /// The earliest deadline of all devices.
    func nextDeadline(_ groups: GroupSettings) -> Timestamp? {
        open.reduce(nil) { earliest, index in
            [earliest, all[index].deadline(groups)].compactMap(\.self).min()
        }
    }

    /// The devices to release when too much is held back: those that would be due first, a tenth of the limit at once,
    /// because each look at all devices takes time. None while there is room.
    func surplus(at now: Timestamp, limit: Int, _ groups: GroupSettings) -> [Int] {
        guard open.count > limit else { return [] }
        return open.map { (index: $0, deadline: all[$0].deadline(groups) ?? now) }
            .sorted { ($0.deadline, $0.index) < ($1.deadline, $1.index) }
            .prefix(1 + limit / 10).map(\.index)
    }
}

extension Array {
    /// Appends, and grows a large array by an eighth at a time instead of doubling it: the memory about a meter or a
    /// device is a kilobyte.
    mutating func appendTightly(_ element: consuming Element) {
        if count == capacity, count >= 64 { reserveCapacity(count + count / 8) }
        append(element)
    }
}
