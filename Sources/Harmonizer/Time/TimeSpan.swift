// SPDX-License-Identifier: Apache-2.0

/// A span of time in whole milliseconds; negative for a span back in time.
///
/// Arithmetic never traps: a span that does not fit is the longest that does, 292 million years.
public struct TimeSpan: Sendable, Hashable, Comparable {
    /// The whole span in milliseconds.
    public let milliseconds: Int64

    @inlinable
    init(of milliseconds: Int64) { self.milliseconds = milliseconds }

    /// No time at all.
    @inlinable
    public static var zero: TimeSpan { TimeSpan(of: 0) }

    /// The longest span: for "without a limit".
    @inlinable
    public static var max: TimeSpan { TimeSpan(of: .max) }

    // MARK: - From numbers

    /// A span of `count` milliseconds.
    @inlinable
    public static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(of: count) }

    /// A span of `count` seconds.
    @inlinable
    public static func seconds(_ count: Int64) -> TimeSpan { TimeSpan(of: 1000) * count }

    /// A span of `count` minutes.
    @inlinable
    public static func minutes(_ count: Int64) -> TimeSpan { TimeSpan(of: 60_000) * count }

    /// A span of `count` hours.
    @inlinable
    public static func hours(_ count: Int64) -> TimeSpan { TimeSpan(of: 3_600_000) * count }

    /// A span of `count` days of 24 hours.
    @inlinable
    public static func days(_ count: Int64) -> TimeSpan { TimeSpan(of: 86_400_000) * count }

    // MARK: - In other units

    /// The span in whole seconds, truncated.
    @inlinable
    public var seconds: Int64 { milliseconds / 1000 }

    /// The span in whole minutes, truncated.
    @inlinable
    public var minutes: Int64 { milliseconds / 60_000 }

    /// The span in whole hours, truncated.
    @inlinable
    public var hours: Int64 { milliseconds / 3_600_000 }

    /// The span in whole days of 24 hours, truncated.
    @inlinable
    public var days: Int64 { milliseconds / 86_400_000 }

    /// The span truncated to whole seconds.
    @inlinable
    public var wholeSeconds: TimeSpan { TimeSpan(of: milliseconds / 1000 * 1000) }

    /// The length of the span, whatever its direction.
    @inlinable
    public var magnitude: TimeSpan { milliseconds < 0 ? -self : self }

    // MARK: - Arithmetic

    /// By length; every negative span is less than zero.
    @inlinable
    public static func < (one: TimeSpan, other: TimeSpan) -> Bool { one.milliseconds < other.milliseconds }

    /// The sum of both spans.
    @inlinable
    public static func + (one: TimeSpan, other: TimeSpan) -> TimeSpan {
        let (sum, isTooLong) = one.milliseconds.addingReportingOverflow(other.milliseconds)
        return TimeSpan(of: isTooLong ? (one.milliseconds < 0 ? .min : .max) : sum)
    }

    /// The first span minus the second.
    @inlinable
    public static func - (one: TimeSpan, other: TimeSpan) -> TimeSpan {
        let (rest, isTooLong) = one.milliseconds.subtractingReportingOverflow(other.milliseconds)
        return TimeSpan(of: isTooLong ? (one.milliseconds < 0 ? .min : .max) : rest)
    }

    /// Adds another span.
    @inlinable
    public static func += (one: inout TimeSpan, other: TimeSpan) { one = one + other }

    /// The span in the other direction.
    @inlinable
    public static prefix func - (span: TimeSpan) -> TimeSpan {
        TimeSpan(of: span.milliseconds == .min ? .max : -span.milliseconds)
    }

    /// The span `count` times.
    @inlinable
    public static func * (span: TimeSpan, count: Int64) -> TimeSpan {
        let (product, isTooLong) = span.milliseconds.multipliedReportingOverflow(by: count)
        return TimeSpan(of: isTooLong ? ((span.milliseconds < 0) == (count < 0) ? .max : .min) : product)
    }

    /// The span `count` times.
    @inlinable
    public static func * (count: Int64, span: TimeSpan) -> TimeSpan { span * count }

    /// One of `count` equal parts, truncated to whole milliseconds. `count` is not zero.
    @inlinable
    public static func / (span: TimeSpan, count: Int64) -> TimeSpan {
        count == -1 ? -span : TimeSpan(of: span.milliseconds / count)
    }

    /// How many whole times the other fits into this one. The other is not zero.
    @inlinable
    public static func / (one: TimeSpan, other: TimeSpan) -> Int64 { (one / other.milliseconds).milliseconds }
}

// MARK: - Text

extension TimeSpan {
    /// A span as people write it: `500ms`, `30s`, `5m`, `2h`, `7d`, with a whole number up to 1,000,000,000; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(number)
        case "s": self = .seconds(number)
        case "m": self = .minutes(number)
        case "h": self = .hours(number)
        case "d": self = .days(number)
        default: return nil
        }
    }
}

// MARK: - Clocks

extension TimeSpan {
    /// The hours by which a clock with the wrong time zone is off: a whole number, 0 included, give or take three
    /// minutes, and 14 at most, because no zone is farther away. Nil for an offset that no zone explains.
    package var zoneHours: Int? {
        let whole = (self + .minutes(milliseconds < 0 ? -30 : 30)).hours
        guard abs(whole) <= 14, (self - .hours(whole)).magnitude <= .minutes(3) else { return nil }
        return Int(whole)
    }
}

// MARK: - Instants

extension Timestamp {
    /// The span from `other` to this instant, negative when this one is earlier. Instants outside the years 1 to 9999
    /// count as the nearest end of the calendar.
    public static func - (one: Timestamp, other: Timestamp) -> TimeSpan {
        .milliseconds(
            (one.bounded - other.bounded) * 1000 + (Int64(one.microseconds) - Int64(other.microseconds)) / 1000)
    }

    /// The instant that is `span` later, with the same number of fraction digits to show.
    public static func + (instant: Timestamp, span: TimeSpan) -> Timestamp {
        let (whole, rest) = span.milliseconds.quotientAndRemainder(dividingBy: 1000)
        let total = Int64(instant.microseconds) + rest * 1000
        let carry = total >= 0 ? total / 1_000_000 : -((999_999 - total) / 1_000_000)
        let (sum, isTooFar) = instant.seconds.addingReportingOverflow(whole + carry)
        guard !isTooFar else {
            return span < .zero
                ? Timestamp(seconds: .min, microseconds: 0, fractionDigits: instant.fractionDigits)
                : Timestamp(seconds: .max, microseconds: 999_999, fractionDigits: instant.fractionDigits)
        }
        return Timestamp(
            seconds: sum, microseconds: Int32(total - carry * 1_000_000), fractionDigits: instant.fractionDigits)
    }

    /// The instant that is `span` earlier.
    public static func - (instant: Timestamp, span: TimeSpan) -> Timestamp { instant + -span }

    /// Moves it by a span into the future.
    public static func += (instant: inout Timestamp, span: TimeSpan) { instant = instant + span }

    /// Moves it by a span into the past.
    public static func -= (instant: inout Timestamp, span: TimeSpan) { instant = instant - span }
}

// MARK: - Time to wait

extension TimeSpan {
    /// The whole milliseconds of a duration of the standard library.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + .milliseconds(attoseconds / 1_000_000_000_000_000)
    }
}

extension Duration {
    /// A duration as long as a span.
    public init(_ span: TimeSpan) { self = .milliseconds(span.milliseconds) }
}
