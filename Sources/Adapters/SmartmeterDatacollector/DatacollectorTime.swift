// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension RawTime {
    /// The `timestamp` of a register (Unix seconds) or the `ts` of a bundle (ISO 8601 with offset); nil for null.
    ///
    /// It is the meter's clock, or the host's when the telegram has none: the program does not report which.
    init?(datacollector value: JSONValue) {
        switch value.kind {
        case .null: return nil
        case .number:
            self =
                value.decimal.flatMap(Timestamp.init(unixSeconds:)).map(RawTime.instant)
                ?? .invalid(value.literal.string)
        case .string:
            let text = value.literal.string
            guard let (wall, offset) = RFC3339.parse(text) else {
                self = .invalid(text)
                return
            }
            self = offset.map { .instant(wall.instant(offset: $0)) } ?? .local(wall)
        case .object, .array, .boolean: self = .invalid("\(value.kind)")
        }
    }
}

extension Timestamp {
    /// The instant of a Unix time; nil outside the years 1 to 9999.
    fileprivate init?(unixSeconds number: ExactDecimal) {
        let micros = number.rounded(toDecimals: 6).scaled(byPowerOfTen: 6)
        var total = micros.mantissa
        for _ in 0..<max(0, micros.exponent) {
            let (product, isTooLarge) = total.multipliedReportingOverflow(by: 10)
            guard !isTooLarge else { return nil }
            total = product
        }
        guard (-62_135_596_800_000_000...253_402_300_799_999_999).contains(total) else { return nil }
        let remainder = total % 1_000_000
        let fraction = remainder < 0 ? remainder + 1_000_000 : remainder
        self.init(
            seconds: (total - fraction) / 1_000_000, microseconds: Int32(fraction),
            fractionDigits: fraction == 0 ? 0 : fraction % 1000 == 0 ? 3 : 6)
    }
}
