// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The lines of a telegram about one M-Bus channel.
struct P1Channel: Sendable {
    /// The channel, the B of its codes.
    var number: UInt8
    /// The device type of 0-n:24.1.0; nil when it is missing, empty or zero.
    var type: Int64?
    /// The device's id, decoded; nil when it is missing, empty or a placeholder.
    var id: String?
    /// The code and unit of its first reading.
    var reading: (code: OBISCode, unit: Unit?)?
    /// True when it has a real reading, not the zero of a dead slot.
    var isAlive = false

    /// The medium of the device. The channel number does not define it. The type does (EN 13757-3, table 3), unless the
    /// unit contradicts it; without a type the register and its unit do.
    ///
    /// Belgian meters put gas in 24.2.3 and water in 24.2.1, but eMUCS 2.1.1 puts water in 24.2.3 too.
    func medium(isBelgian: Bool) -> Submeter.Medium {
        let dimension = reading?.unit?.dimension
        switch type {
        case 10, 11: return .cooling
        case 4, 5, 12, 13: return .heat
        case _ where dimension == .heat: return .heat
        case 2: return .electricity
        case 3: return .gas
        case 6, 21: return .warmWater
        case 7, 22: return .water
        case _ where dimension == .activeEnergy: return .electricity
        case nil where dimension == .volume: break
        default: return .other
        }
        switch (reading?.code.d, reading?.code.e) {
        case (3, _), (2, 3): return .gas
        case (2, 1) where isBelgian: return .water
        default: return .other
        }
    }
}
