// SPDX-License-Identifier: Apache-2.0

/// The lists of registers that a device sends in several messages; they tell when such a telegram is complete.
///
/// A meter may alternate between lists, and one may be the beginning of another (powers every five seconds, powers and
/// energies once a minute), so more than the last list is remembered.
struct TelegramLists: Sendable {
    private var lists: [List] = []
    /// Time and registers of the last telegram that was closed.
    private var last: (time: RawTime, registers: Set<OBISCode>)?

    private struct List: Sendable {
        var registers: Set<OBISCode>
        /// Telegrams since this list came.
        var age = 0
    }

    /// No meter is known to send more than three lists.
    private static let limit = 8
    /// A list that did not come in this many telegrams is obsolete, and no telegram waits for its registers.
    private static let maximumAge = 200

    /// True when the registers contain a known list, and no longer list is still possible.
    func isComplete(_ registers: Set<OBISCode>) -> Bool {
        lists.contains { $0.registers.isSubset(of: registers) }
            && !lists.contains { $0.registers.isStrictSuperset(of: registers) }
    }

    /// What is missing from the list that a telegram which was cut off resembles most; empty when it is a list itself.
    func missing(from registers: Set<OBISCode>) -> Set<OBISCode> {
        guard !lists.contains(where: { $0.registers == registers }) else { return [] }
        let common = lists.map { $0.registers.intersection(registers).count }
        guard let most = common.max(), most > 0, let index = common.lastIndex(of: most) else { return [] }
        return lists[index].registers.subtracting(registers)
    }

    /// Remembers the registers of a telegram that ended.
    mutating func learn(_ registers: Set<OBISCode>, time: RawTime?) {
        // A message with an id or a time alone says nothing about what follows.
        if registers.isEmpty { return }
        var registers = registers
        // The same time again is the rest of a telegram that was taken for complete too early.
        if let time, let last, last.time == time { registers.formUnion(last.registers) }
        last = time.map { ($0, registers) }
        for index in lists.indices { lists[index].age += 1 }
        lists.removeAll { $0.registers == registers || $0.age > Self.maximumAge }
        lists.append(List(registers: registers))
        if lists.count > Self.limit, let oldest = lists.indices.max(by: { lists[$0].age < lists[$1].age }) {
            lists.remove(at: oldest)
        }
    }
}
