// SPDX-License-Identifier: Apache-2.0

/// Local date and time as a clock shows them, without a time zone.
public struct WallTime: Sendable, Hashable {
    /// Year, 1…9999.
    public let year: Int
    /// Month, 1…12.
    public let month: Int
    /// Day of the month, 1…31.
    public let day: Int
    /// Seconds since midnight, 0…86,399.
    public let secondOfDay: Int
    /// Microseconds within the second.
    public let microseconds: Int32
    /// Fraction digits to show, as in `Timestamp`.
    public let fractionDigits: UInt8

    /// Nil when the fields are not a date and time of the Gregorian calendar (month 13, 31 February, 24:00).
    public init?(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, microseconds: Int32 = 0,
        fractionDigits: UInt8 = 0
    ) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, of: year), (0...23).contains(hour), (0...59).contains(minute),
            (0...59).contains(second)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        secondOfDay = hour * 3600 + minute * 60 + second
        self.microseconds = microseconds
        self.fractionDigits = fractionDigits
    }

    /// The local time of this instant at `offset` seconds east of UTC; for an instant outside the years 1 to 9999, the
    /// nearest possible.
    public init(_ instant: Timestamp, offset: Int = 0) {
        let range = Timestamp.representable
        let known = min(max(instant.seconds, range.lowerBound), range.upperBound)
        let seconds = min(max(known + Int64(offset), range.lowerBound), range.upperBound)
        let daySeconds = ((seconds % 86_400) + 86_400) % 86_400
        (year, month, day) = Self.civil(fromDays: Int((seconds - daySeconds) / 86_400))
        secondOfDay = Int(daySeconds)
        microseconds = instant.microseconds
        fractionDigits = instant.fractionDigits
    }

    /// The instant at which a clock `offset` seconds east of UTC shows this.
    public func instant(offset: Int) -> Timestamp {
        Timestamp(
            seconds: Int64(Self.days(fromCivil: year, month, day)) * 86_400 + Int64(secondOfDay - offset),
            microseconds: microseconds, fractionDigits: fractionDigits)
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01. Years are counted from March so that the leap day is a year's last.
    private static func days(fromCivil year: Int, _ month: Int, _ day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    }

    private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
