// SPDX-License-Identifier: Apache-2.0

/// An instant, UTC, to the microsecond, with as many fraction digits as its source sent.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public var seconds: Int64
    /// Microseconds within the second, 0…999,999.
    public var microseconds: Int32
    /// Fraction digits to show: 0 when the source sent none, else 3 or 6.
    public var fractionDigits: UInt8

    /// Makes an instant; a fraction is shown only where `fractionDigits` is not 0.
    public init(seconds: Int64, microseconds: Int32 = 0, fractionDigits: UInt8 = 0) {
        self.seconds = seconds
        self.microseconds = microseconds
        self.fractionDigits = fractionDigits
    }

    /// The same instant cut to whole seconds.
    public var wholeSeconds: Timestamp { Timestamp(seconds: seconds) }

    /// The years 1 to 9999, which RFC 3339 can write. A number from a payload may be far outside (an epoch in
    /// nanoseconds, or 9223372036854775807), so nothing here traps on one; such an instant is not a valid time.
    static let representable: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

    /// True for the years 1 to 9999.
    public var isRepresentable: Bool {
        Self.representable.contains(seconds) && (0..<1_000_000).contains(microseconds)
    }

    /// Its seconds, limited to the calendar.
    var bounded: Int64 {
        min(max(seconds, Self.representable.lowerBound), Self.representable.upperBound)
    }

    /// By instant; the number of digits to show does not matter.
    public static func < (one: Timestamp, other: Timestamp) -> Bool {
        (one.seconds, one.microseconds) < (other.seconds, other.microseconds)
    }

    /// By instant.
    public static func == (one: Timestamp, other: Timestamp) -> Bool {
        one.seconds == other.seconds && one.microseconds == other.microseconds
    }

    /// By instant.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(microseconds)
    }
}
