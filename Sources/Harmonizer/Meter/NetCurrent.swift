// SPDX-License-Identifier: Apache-2.0

/// The current of a phase with the sign of its power, which chargers need and no meter sends. It has a name and no OBIS
/// code.
struct NetCurrent {
    /// `current_net_l1`.
    let alias: String
    /// The magnitude of the current, and the net power of the phase.
    let current: OBISCode
    let power: OBISCode

    /// Phase 1 to 3.
    static let phases = [
        NetCurrent(alias: "current_net_l1", current: OBISCode(1, 0, 31, 7, 0), power: OBISCode(1, 0, 36, 7, 0)),
        NetCurrent(alias: "current_net_l2", current: OBISCode(1, 0, 51, 7, 0), power: OBISCode(1, 0, 56, 7, 0)),
        NetCurrent(alias: "current_net_l3", current: OBISCode(1, 0, 71, 7, 0), power: OBISCode(1, 0, 76, 7, 0)),
    ]

    /// The current in a meter; nil when one of the two is missing, held, or of another message.
    func value(in meter: MeterState) -> ExactDecimal? {
        guard let current = meter.position(of: current), let power = meter.position(of: power) else { return nil }
        // Through the span, which copies no register.
        let registers = meter.registers.span
        guard registers[current].isTogether(with: registers[power]), let watts = registers[power].value.number,
            let magnitude = registers[current].value.number
        else { return nil }
        return watts.isNegative ? ExactDecimal.zero.subtracting(magnitude) : magnitude
    }
}
