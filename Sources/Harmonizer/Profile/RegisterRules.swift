// SPDX-License-Identifier: Apache-2.0

/// The rules of the registers that have arrived, each looked up once: thousands of meters need a few dozen of them.
struct RegisterRules: Sendable {
    private let profile: Profile
    /// Code and unit of each rule in ascending order, for binary search.
    private var keys: [UInt64] = []
    private var rules: [RegisterRule] = []
    /// The fast path of each rule: plain memory, read for every value of every message.
    private var usuals: [UsualRule] = []
    /// The place of the rule that was requested after each: meters send their registers in the same order every time.
    private var followers: [Int32] = []
    private var last = 0

    /// A sender can invent codes; a rule beyond the limit is made anew each time.
    private static let limit = 2048

    init(_ profile: Profile) { self.profile = profile }

    /// The rule of a register as received.
    ///
    /// - Parameter place: the place of its rule.
    func rule(at place: Int, _ obis: OBISCode, _ unit: Unit?) -> RegisterRule {
        place < rules.count ? rules[place] : unkept(obis, unit)
    }

    /// Not inlined: the profile is large, and would be copied where it is not needed.
    @inline(never) private func unkept(_ obis: OBISCode, _ unit: Unit?) -> RegisterRule {
        RegisterRule(obis, unit: unit, profile: profile)
    }

    /// A number as it is published when there is nothing to report about it; nil when its rule has to judge it.
    @inline(__always) func usual(at place: Int, _ number: ExactDecimal) -> RegisterValue? {
        place < usuals.count ? usuals[place].value(number) : nil
    }

    /// The place of a register's rule; past the last one when the rule is not kept.
    mutating func place(of obis: OBISCode, _ unit: Unit?) -> Int {
        guard let key = Self.key(obis, unit) else { return rules.count }
        if last < followers.count {
            let follower = Int(followers[last])
            if keys[follower] == key {
                last = follower
                return follower
            }
        }
        let place = place(of: key)
        if place < keys.count, keys[place] == key {
            followers[last] = Int32(truncatingIfNeeded: place)
            last = place
            return place
        }
        guard keys.count < Self.limit else { return rules.count }
        keys.insert(key, at: place)
        let rule = unkept(obis, unit)
        rules.insert(rule, at: place)
        usuals.insert(UsualRule(rule, received: obis), at: place)
        followers = Array(repeating: 0, count: keys.count)
        last = place
        return place
    }

    /// True for a register that only ever grows.
    mutating func isCounter(_ obis: OBISCode, _ unit: Unit?) -> Bool {
        let found = place(of: obis, unit)
        return found < usuals.count ? usuals[found].isCounter : unkept(obis, unit).isCounter
    }

    /// The unit in which the profile publishes a register; nil when it names none.
    func unit(of obis: OBISCode) -> Unit? { profile.register(obis)?.units.first }

    /// Nil for a unit that is not in the table.
    private static func key(_ obis: OBISCode, _ unit: Unit?) -> UInt64? {
        guard let unit else { return obis.packed << 8 }
        guard let index = unit.index else { return nil }
        return obis.packed << 8 | (UInt64(index) + 1)
    }

    private func place(of key: UInt64) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
