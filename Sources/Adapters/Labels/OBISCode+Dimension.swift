// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension OBISCode {
    /// The quantity of a register, as far as its code alone defines it (IEC 62056-6-1, table of C values); nil for
    /// other codes.
    var dimension: Unit.Dimension? {
        guard a == 1 else { return nil }
        // The quantities of the three phases repeat those of the sum, 20 codes apart.
        let quantity = (21...80).contains(c) ? (c - 1) % 20 + 1 : c
        switch (quantity, d) {
        case (1...2, 8), (15...16, 8): return .activeEnergy
        case (3...8, 8): return .reactiveEnergy
        case (9...10, 8): return .apparentEnergy
        case (1...2, 7), (15...16, 7): return .activePower
        case (3...8, 7): return .reactivePower
        case (9...10, 7): return .apparentPower
        case (11, 7), (91, 7): return .current
        case (12, 7), (92, 7): return .voltage
        case (13, 7): return .ratio
        case (14, 7): return .frequency
        case (81, 7): return .angle
        default: return nil
        }
    }

    /// True for the codes of a meter's own ids: 0.0.x, 96.1.x, 42.0.0, 96.50.1. False for those of M-Bus devices.
    var isMeterID: Bool {
        guard b == 0 else { return false }
        return (c == 0 && d == 0) || (c == 96 && d == 1) || (c == 42 && d == 0) || (c == 96 && d == 50 && e == 1)
    }
}
