// SPDX-License-Identifier: Apache-2.0

/// A number exactly as a meter sent it: an integer times a power of ten.
///
/// Register values never pass through binary floating point: 9 significant digits (`00001540.369` m³) do not fit a Float, and
/// a Double turns 0.941 into 0.9410000000000001. Always held without trailing zeros, so that equal numbers are equal values.
public struct ExactDecimal: Sendable, Hashable {
    /// The digits, with the sign.
    public let mantissa: Int64
    /// The power of ten by which the mantissa is multiplied.
    public var exponent: Int { Int(power) }
    /// Everything that the bridge remembers of a meter is made of these numbers, so they are small.
    private let power: Int8

    /// Zero.
    public static let zero = ExactDecimal(0)

    /// Makes a number from a mantissa without trailing zeros, and an exponent that is 0 when the mantissa is zero.
    private init(normalised mantissa: Int64, power: Int) {
        self.mantissa = mantissa
        self.power = Int8(clamping: power)
    }

    /// `mantissa` × 10^`exponent`. An exponent beyond -128…127 is clamped: no register comes anywhere near.
    public init(_ mantissa: Int64, exponent: Int = 0) {
        var mantissa = mantissa
        var exponent = exponent
        if mantissa == 0 { exponent = 0 }
        while mantissa != 0, mantissa % 10 == 0 {
            mantissa /= 10
            exponent += 1
        }
        self.mantissa = mantissa
        power = Int8(clamping: exponent)
    }

    /// True below zero.
    public var isNegative: Bool { mantissa < 0 }
    /// True for zero.
    public var isZero: Bool { mantissa == 0 }

    /// The number times 10^`power`: how kWh becomes Wh.
    public func scaled(byPowerOfTen power: Int) -> ExactDecimal {
        mantissa == 0 || power == 0 ? self : ExactDecimal(normalised: mantissa, power: exponent + power)
    }

    /// The number with at most `decimals` digits after the point, halves away from zero.
    public func rounded(toDecimals decimals: Int) -> ExactDecimal {
        let excess = -exponent - decimals
        guard excess > 0 else { return self }
        guard let divisor = Self.powerOfTen(excess) else { return .zero }  // below 10^18 × 10^-19: less than a half
        let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
        let roundsUp = remainder.magnitude >= divisor.magnitude - remainder.magnitude
        return ExactDecimal(quotient + (roundsUp ? mantissa.signum() : 0), exponent: -decimals)
    }

    /// The number in thousandths; nil when it has further digits, or too many.
    var thousandths: Int64? {
        switch exponent + 3 {
        case 0: return mantissa
        case 1...15:
            guard let factor = Self.powerOfTen(exponent + 3) else { return nil }
            let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        default: return mantissa == 0 ? 0 : nil
        }
    }

    /// 10^`power`, nil when that does not fit (beyond 18).
    static func powerOfTen(_ power: Int) -> Int64? {
        guard power >= 0, power <= 18 else { return nil }
        var result: Int64 = 1
        for _ in 0..<power { result *= 10 }
        return result
    }
}
