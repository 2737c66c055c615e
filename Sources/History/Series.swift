// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// Values of one register of one meter that can be compared as integers: one unit, one power of ten, and for a counter
/// one counting device.
///
/// A register whose meter is exchanged, or that is sent with more digits than before, continues in a new series.
public struct Series: Sendable, Hashable {
    /// Its number in the file.
    public var id: Int64
    /// The meter's id.
    public var meter: String
    /// The register's code.
    public var register: OBISCode
    /// The unit's symbol; nil for a number without one.
    public var unit: String?
    /// True for a register that only rises.
    public var isCounter: Bool
    /// The power of ten of its integers.
    public var exponent: Int
    /// How often the counter began anew: 0 for the first device.
    public var epoch: Int

    /// The number for an integer of this series.
    func number(_ value: Int64) -> ExactDecimal { ExactDecimal(value, exponent: exponent) }

    /// The integer for a number; nil when the number has more digits than the series, or does not fit.
    func integer(_ number: ExactDecimal) -> Int64? { number.integer(exponent: exponent) }
}

extension ExactDecimal {
    /// The number divided by 10^`exponent`; nil when that is not an integer, or does not fit.
    func integer(exponent: Int) -> Int64? {
        var shift = self.exponent - exponent
        var value = mantissa
        guard shift >= 0 else { return isZero ? 0 : nil }
        while shift > 0, value != 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
            shift -= 1
        }
        return value
    }
}
