// SPDX-License-Identifier: Apache-2.0

/// The powers that are core registers or inputs of them.
enum CoreSlot: Int {
    case powerImport, powerExport, net
    case net1, net2, net3
    case import1, import2, import3
    case export1, export2, export3

    /// Nil for any other register.
    init?(_ obis: OBISCode) {
        guard obis.isOfElectricity, obis.d == 7, obis.e == 0 else { return nil }
        switch obis.c {
        case 1: self = .powerImport
        case 2: self = .powerExport
        case 16: self = .net
        case 21: self = .import1
        case 22: self = .export1
        case 36: self = .net1
        case 41: self = .import2
        case 42: self = .export2
        case 56: self = .net2
        case 61: self = .import3
        case 62: self = .export3
        case 76: self = .net3
        default: return nil
        }
    }

    /// The phase of a net power, 0…2; nil for any other.
    var phase: Int? {
        switch self {
        case .net1: 0
        case .net2: 1
        case .net3: 2
        default: nil
        }
    }

    /// The two directions of a phase, 0…2.
    static func sides(ofPhase phase: Int) -> (import: CoreSlot, export: CoreSlot) {
        switch phase {
        case 0: (.import1, .export1)
        case 1: (.import2, .export2)
        default: (.import3, .export3)
        }
    }

    static let netPower = OBISCode(1, 0, 16, 7, 0)
    /// The registers of a meter that reports the export of single phases.
    static let phaseExports = [OBISCode(1, 0, 22, 7, 0), OBISCode(1, 0, 42, 7, 0), OBISCode(1, 0, 62, 7, 0)]
}

/// The places of the inputs of core registers in a reading, found in one pass.
struct CoreInputs {
    private var places = InlineArray<12, Int>(repeating: -1)
    /// The tariffs of the energy from the grid and into it, by number as bits.
    private(set) var imported: UInt64 = 0
    private(set) var exported: UInt64 = 0

    init(_ registers: [RegisterValue]) {
        for index in registers.indices {
            let obis = registers[index].obis
            if let slot = CoreSlot(obis) {
                places[slot.rawValue] = index
            } else if obis.isTariff(of: Totals.energyImport) {
                imported |= 1 << UInt64(obis.e)
            } else if obis.isTariff(of: Totals.energyExport) {
                exported |= 1 << UInt64(obis.e)
            }
        }
    }

    /// The place of a power among the registers; nil where the reading has none.
    subscript(_ slot: CoreSlot) -> Int? {
        get { places[slot.rawValue] >= 0 ? places[slot.rawValue] : nil }
        set { places[slot.rawValue] = newValue ?? -1 }
    }

    /// The tariffs that a total is made of.
    func tariffs(of total: OBISCode) -> UInt64 { total == Totals.energyImport ? imported : exported }

    /// True for a reading with the power of a single phase from the grid.
    var hasPhaseImport: Bool { self[.import1] != nil || self[.import2] != nil || self[.import3] != nil }
    /// True for a reading with the power of a single phase into the grid.
    var hasPhaseExport: Bool { self[.export1] != nil || self[.export2] != nil || self[.export3] != nil }
}

extension OBISCode {
    /// True for the current value of a register of the meter itself, on the channel on which those are published.
    fileprivate var isOfElectricity: Bool { a == 1 && b == 0 && f == 255 }

    /// True for one of the tariffs, 1…63, of a total. Higher numbers are vendors' own.
    func isTariff(of total: OBISCode) -> Bool {
        isOfElectricity && c == total.c && d == total.d && (1...63).contains(e)
    }
}
