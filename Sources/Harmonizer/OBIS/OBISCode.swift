// SPDX-License-Identifier: Apache-2.0

/// The code of one register, `A-B:C.D.E*F` (IEC 62056-6-1). The last group is 255 for the current value, and is written
/// only when it is not 255.
///
/// A: medium (0 abstract, 1 electricity, 6 heat, 7 gas, 8 water); B: channel; C: quantity; D: processing
/// (7 instantaneous, 8 energy since ever); E: tariff or phase angle; F: a stored value. Each group is 0…255.
public struct OBISCode: Sendable, Hashable, Comparable {
    /// The groups in one integer, so that comparing and hashing cost one instruction: A to E, and above them how far F is from
    /// 255, so that current values come first.
    let packed: UInt64

    /// Makes a code from its groups.
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ e: UInt8, stored f: UInt8 = 255) {
        let current = UInt64(a) << 32 | UInt64(b) << 24 | UInt64(c) << 16 | UInt64(d) << 8 | UInt64(e)
        packed = UInt64(255 - f) << 40 | current
    }

    /// Medium.
    public var a: UInt8 { UInt8(truncatingIfNeeded: packed >> 32) }
    /// Channel: of the metering point for electricity, of the M-Bus device for other media.
    public var b: UInt8 { UInt8(truncatingIfNeeded: packed >> 24) }
    /// Quantity.
    public var c: UInt8 { UInt8(truncatingIfNeeded: packed >> 16) }
    /// Processing.
    public var d: UInt8 { UInt8(truncatingIfNeeded: packed >> 8) }
    /// Tariff, or the angle of a phase.
    public var e: UInt8 { UInt8(truncatingIfNeeded: packed) }
    /// Which stored value: the day, the month, or the billing period before; 255 for the current one.
    public var f: UInt8 { 255 - UInt8(truncatingIfNeeded: packed >> 40) }

    /// The code under which a register is published: electricity always on channel 0, because Swiss meters send the same
    /// register on B = 1, 3, 5 or without a channel (smartmeter-datacollector issue 34).
    public var canonical: OBISCode { a == 1 && b != 0 ? OBISCode(a, 0, c, d, e, stored: f) : self }

    /// True for momentary values: instantaneous (D = 7) and the averages over a running or the last period (D = 4, 5 and their
    /// like, IEC 62056-6-1: 1.4.0 is the running demand). An old one must not look like a new one, so they are never retained.
    public var isInstantaneous: Bool {
        switch d {
        case _ where f != 255: false
        case 7: true
        case 4, 5, 14, 15, 24, 25, 27, 28: a == 1 && c < 94
        default: false
        }
    }

    /// True for registers that only ever grow: D = 8 except for the balances of import and export (16.8.n and its
    /// phases, which have a sign), and the M-Bus counters 24.2.n. A stored value is not a counter: the next period has
    /// another one.
    public var isCounter: Bool {
        let isBalance = a == 1 && [16, 36, 56, 76].contains(c)
        return f == 255 && ((d == 8 && !isBalance) || (a == 0 && c == 24 && d == 2))
    }

    /// Current values before stored ones, then by group, A first.
    public static func < (one: OBISCode, other: OBISCode) -> Bool { one.packed < other.packed }
}
