// SPDX-License-Identifier: Apache-2.0

extension ExactDecimal: Comparable {
    /// The sum, nil when it needs more than 18 digits.
    public func adding(_ other: ExactDecimal) -> ExactDecimal? {
        guard let (one, two, exponent) = aligned(with: other) else { return nil }
        let (sum, overflow) = one.addingReportingOverflow(two)
        return overflow ? nil : ExactDecimal(sum, exponent: exponent)
    }

    /// The difference, nil when it needs more than 18 digits.
    public func subtracting(_ other: ExactDecimal) -> ExactDecimal? {
        guard other.mantissa != .min else { return nil }
        return adding(ExactDecimal(-other.mantissa, exponent: other.exponent))
    }

    /// By value, exactly.
    public static func < (one: ExactDecimal, other: ExactDecimal) -> Bool {
        if one.mantissa.signum() != other.mantissa.signum() { return one.mantissa.signum() < other.mantissa.signum() }
        if let (left, right, _) = one.aligned(with: other) { return left < right }
        // So far apart that one does not fit beside the other: the larger magnitude decides.
        let isLarger = one.magnitudeOrder > other.magnitudeOrder
        return one.isNegative ? isLarger : !isLarger
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

    /// The power of ten of the leading digit.
    private var magnitudeOrder: Int {
        var digits = 0
        var rest = mantissa.magnitude
        while rest > 0 {
            rest /= 10
            digits += 1
        }
        return digits + exponent
    }
}
