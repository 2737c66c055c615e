// SPDX-License-Identifier: Apache-2.0

/// The phases of which a meter has sent registers.
struct Phases: OptionSet, Sendable {
    let rawValue: UInt8

    /// How many phases a connection has, as far as its registers show: one when only the first phase was seen, else
    /// three.
    var count: Int { self == Phases(rawValue: 1) ? 1 : 3 }

    /// The phase of a register, none for totals: C = 21…40 is phase 1, 41…60 phase 2, 61…80 phase 3 (IEC 62056-6-1,
    /// table 5).
    init(of obis: OBISCode) {
        guard obis.a == 1, (21...80).contains(obis.c) else {
            rawValue = 0
            return
        }
        rawValue = 1 << ((obis.c - 21) / 20)
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }
}
