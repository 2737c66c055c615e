// SPDX-License-Identifier: Apache-2.0

/// Members of `state` and `info`. A number in quotes counts too: other programs write and restore those topics.
extension JSONValue {
    /// How far a clock is ahead, published in seconds; nil for more than a year.
    var clockOffset: TimeSpan? {
        guard let seconds = quotedDecimal.flatMap({ Int64($0.description) }) else { return nil }
        let offset = TimeSpan.seconds(seconds)
        return offset.magnitude <= Self.largestOffset ? offset : nil
    }

    /// A leap year.
    private static let largestOffset = TimeSpan.days(366)

    /// An interval, published in seconds; nil for 0, and for more than a meter can have.
    var interval: TimeSpan? {
        guard let scaled = quotedDecimal?.scaled(byPowerOfTen: 3).rounded(toDecimals: 0),
            let milliseconds = Int64(scaled.description)
        else { return nil }
        let interval = TimeSpan.milliseconds(milliseconds)
        return .zero < interval && interval <= Self.longestInterval ? interval : nil
    }

    /// No meter is slower than once a week, and this bridge writes no larger number.
    private static let longestInterval = TimeSpan.days(7)

    /// A number of messages; nil outside of 0…1,000,000.
    var count: Int? {
        quotedDecimal.flatMap { Int($0.description) }.flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    }

    /// A time with its offset.
    var instant: Timestamp? { text.flatMap { RFC3339.instant($0) } }

    /// The value of a register; nil where there is none that this version knows.
    ///
    /// - Parameter isNumber: true for a register that cannot be a text, because it has a unit. A text register may well consist
    ///   of digits.
    func registerValue(isNumber: Bool) -> RegisterValue.Value? {
        if let list = self["list"] {
            return .list(
                list.elements.compactMap { entry in
                    entry.value["value"]?.quotedDecimal.map {
                        RegisterValue.Entry(time: entry.value["time"]?.instant, value: $0)
                    }
                })
        }
        guard let value = self["value"] else { return nil }
        if let number = isNumber ? value.quotedDecimal : value.decimal { return .number(number) }
        return isNumber ? nil : value.text.map { .text($0) }
    }
}
