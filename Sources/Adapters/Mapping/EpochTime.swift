// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// Reads a number in a payload as seconds since 1970.
enum EpochTime {
    /// The instant, with up to six decimals; nil for a negative number and after the year 9999.
    static func instant(_ seconds: ExactDecimal) -> Timestamp? {
        guard !seconds.isNegative, seconds <= ExactDecimal(253_402_300_799) else { return nil }
        let whole = seconds.rounded(toDecimals: 0)
        // Rounding may round up; a time must be truncated.
        let cut = whole > seconds ? whole.subtracting(ExactDecimal(1)) ?? whole : whole
        guard let fraction = seconds.subtracting(cut), let count = integer(cut),
            let micros = integer(fraction.scaled(byPowerOfTen: 6).rounded(toDecimals: 0)), micros < 1_000_000
        else { return nil }
        return Timestamp(
            seconds: count, microseconds: Int32(micros), fractionDigits: micros == 0 ? 0 : micros % 1000 == 0 ? 3 : 6)
    }

    private static func integer(_ number: ExactDecimal) -> Int64? {
        guard (0...18).contains(number.exponent) else { return nil }
        var result = number.mantissa
        for _ in 0..<number.exponent {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            result = product
        }
        return result
    }
}
