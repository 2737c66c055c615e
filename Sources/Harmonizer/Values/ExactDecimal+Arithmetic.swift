// SPDX-License-Identifier: Apache-2.0

extension ExactDecimal: Comparable {
    /// The sum, nil when its digits do not fit.
    public func adding(_ other: ExactDecimal) -> ExactDecimal? {
        guard let (one, two, exponent) = aligned(with: other) else { return nil }
        let (sum, overflow) = one.addingReportingOverflow(two)
        return overflow ? nil : ExactDecimal(sum, exponent: exponent)
    }

    /// The difference, nil when its digits do not fit.
    public func subtracting(_ other: ExactDecimal) -> ExactDecimal? {
        guard other.mantissa != .min else { return nil }
        return adding(ExactDecimal(-other.mantissa, exponent: other.exponent))
    }

    /// The product, nil when its digits do not fit.
    public func multiplied(by other: ExactDecimal) -> ExactDecimal? {
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: other.mantissa)
        guard !overflow, product.magnitude < 1_000_000_000_000_000_000 else { return nil }
        let result = ExactDecimal(product, exponent: product == 0 ? 0 : exponent + other.exponent)
        return abs(result.exponent) > 40 ? nil : result
    }

    /// The number without its sign.
    public var magnitude: ExactDecimal {
        mantissa == .min ? ExactDecimal(.max, exponent: exponent) : ExactDecimal(abs(mantissa), exponent: exponent)
    }

    /// Compares the values exactly.
    public static func < (one: ExactDecimal, other: ExactDecimal) -> Bool {
        if one.mantissa.signum() != other.mantissa.signum() { return one.mantissa.signum() < other.mantissa.signum() }
        guard !one.isZero, !other.isZero else { return false }
        if one.exponent == other.exponent { return one.mantissa < other.mantissa }
        if let (lesser, greater, _) = one.aligned(with: other) { return lesser < greater }
        let order = one.magnitudeOrder
        let otherOrder = other.magnitudeOrder
        if order != otherOrder { return (order < otherOrder) != one.isNegative }
        // Equal orders: no more than 19 digits lie between the exponents, and 38 digits fit.
        let common = min(one.exponent, other.exponent)
        return wide(one, over: common) < wide(other, over: common)
    }

    private static func wide(_ value: ExactDecimal, over exponent: Int) -> Int128 {
        var product = Int128(value.mantissa)
        for _ in exponent..<value.exponent { product *= 10 }
        return product
    }

    /// Both mantissas over the smaller of the two exponents.
    private func aligned(with other: ExactDecimal) -> (Int64, Int64, Int)? {
        let common = isZero ? other.exponent : other.isZero ? exponent : min(exponent, other.exponent)
        func shifted(_ value: ExactDecimal) -> Int64? {
            guard !value.isZero else { return 0 }
            guard let factor = Self.powerOfTen(value.exponent - common) else { return nil }
            let (product, overflow) = value.mantissa.multipliedReportingOverflow(by: factor)
            return overflow ? nil : product
        }
        guard let one = shifted(self), let two = shifted(other) else { return nil }
        return (one, two, common)
    }

    /// The number of digits before the point, negative for zeros after it: 10^order is just larger than the magnitude.
    var magnitudeOrder: Int {
        var digits = 0
        var rest = mantissa.magnitude
        while rest > 0 {
            rest /= 10
            digits += 1
        }
        return digits + exponent
    }
}
