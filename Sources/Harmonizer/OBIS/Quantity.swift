// SPDX-License-Identifier: Apache-2.0

/// What a scale applies to: registers that a reader scales alike.
public enum Quantity: String, Sendable, CaseIterable, Hashable {
    case voltage, current, power, energy
    /// The powers of single phases; `power` when no factor is given for them.
    case phasePower = "phase_power"

    /// The quantity of a register of electricity; nil for others and for a register without a unit.
    init?(_ obis: OBISCode, unit: Unit?) {
        guard let unit, obis.a == 1 || (obis.a == 0 && obis.b == 0) else { return nil }
        switch unit.dimension {
        case .voltage: self = .voltage
        case .current: self = .current
        case .activePower, .reactivePower, .apparentPower:
            self = obis.a == 1 && (21...80).contains(obis.c) ? .phasePower : .power
        case .activeEnergy, .reactiveEnergy, .apparentEnergy: self = .energy
        default: return nil
        }
    }

    /// The more general quantity, for which a rule may be written too.
    var general: Quantity { self == .phasePower ? .power : self }
}
