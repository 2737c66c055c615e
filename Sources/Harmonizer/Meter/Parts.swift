// SPDX-License-Identifier: Apache-2.0

/// The parts of one total of a meter, learned from what the meter sends: the tariffs of an energy, the phases of a
/// power.
///
/// A sum of only the parts that a meter happened to send first would fall or jump later. So the total waits until no
/// further part has arrived for a while.
struct Parts: Sendable, Equatable {
    /// The parts by number, 1…63, as bits.
    private(set) var members: UInt64 = 0
    /// Parts that arrived when the total was known already and did not begin at zero: they would make the total jump.
    private(set) var late: UInt64 = 0
    /// Whole readings with every part since the last new part arrived, up to `proof`.
    private(set) var steady = 0

    /// Whole readings after which no further part is expected.
    static let proof = 10

    /// True once the total can be computed.
    var isSettled: Bool { steady >= Self.proof }
    /// True while a part waits for a person to confirm that it belongs to the total.
    var isHeld: Bool { late != 0 }

    init() {}

    /// Restores what an earlier run had learned.
    init(members: [Int], late: [Int] = [], steady: Int) {
        self.members = Self.bits(members)
        self.late = Self.bits(late)
        self.steady = self.members == 0 ? 0 : min(max(steady, 0), Self.proof)
    }

    /// Takes in a reading that brought some of the parts.
    ///
    /// - Parameters:
    ///   - present: those that it brought.
    ///   - zeros: those of them that show zero.
    ///   - isWhole: true for a reading with other registers besides. A message with a single register may be one that a
    ///     reader sends at once, before the others.
    /// - Returns: true when every part is there.
    mutating func take(_ present: UInt64, zeros: UInt64, isWhole: Bool) -> Bool {
        let new = present & ~(members | late)
        if new != 0 {
            if isSettled {
                members |= new & zeros
                late |= new & ~zeros
            } else {
                members |= new
                steady = 0
            }
        }
        let isComplete = present & (members | late) == members | late
        if isComplete, isWhole, !isSettled { steady += 1 }
        return isComplete
    }

    /// Adds the late parts and learns anew: allowed for a momentary total, which cannot jump.
    mutating func rejoin() {
        members |= late
        (late, steady) = (0, 0)
    }

    /// Adds the late parts, because a person confirmed that they belong to the total.
    mutating func accept() {
        members |= late
        late = 0
    }

    /// The numbers of the parts, ascending.
    static func numbers(_ bits: UInt64) -> [Int] {
        var rest = bits & ~1
        var numbers: [Int] = []
        while rest != 0 {
            numbers.append(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
        return numbers
    }

    private static func bits(_ numbers: [Int]) -> UInt64 {
        numbers.filter { (1...63).contains($0) }.reduce(0) { $0 | 1 << UInt64($1) }
    }
}

/// The parts of the totals of one meter.
struct Totals: Sendable, Equatable {
    /// Tariffs of the energy from the grid.
    var imported = Parts()
    /// Tariffs of the energy into the grid.
    var exported = Parts()
    /// Phases of the power.
    var phases = Parts()
    /// Whole readings with the import of a phase, of a meter that never sent the export of one; up to `Parts.proof`.
    var withoutPhaseExport = 0

    /// The parts of a total energy; nil for any other register.
    subscript(_ total: OBISCode) -> Parts? {
        get {
            switch total {
            case Self.energyImport: imported
            case Self.energyExport: exported
            default: nil
            }
        }
        set {
            guard let newValue else { return }
            if total == Self.energyImport { imported = newValue }
            if total == Self.energyExport { exported = newValue }
        }
    }

    static let energyImport = OBISCode(1, 0, 1, 8, 0)
    static let energyExport = OBISCode(1, 0, 2, 8, 0)

    /// True when `info` has to report something else.
    func isOtherInInfo(than other: Totals) -> Bool {
        func isOther(_ parts: KeyPath<Totals, Parts>) -> Bool {
            let (now, before) = (self[keyPath: parts], other[keyPath: parts])
            return now.isSettled != before.isSettled || (now.isSettled && now.members != before.members)
        }
        return isOther(\.imported) || isOther(\.exported) || isOther(\.phases)
    }
}
