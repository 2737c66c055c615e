// SPDX-License-Identifier: Apache-2.0

/// An instant, UTC, to the microsecond, with as many fraction digits as its source sent.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public var seconds: Int64
    /// Microseconds within the second, 0…999,999.
    public var microseconds: Int32
    /// Fraction digits to show: 0 when the source sent none, else 3 or 6.
    public var fractionDigits: UInt8

    /// Makes an instant; a fraction is shown only where `fractionDigits` says so.
    public init(seconds: Int64, microseconds: Int32 = 0, fractionDigits: UInt8 = 0) {
        self.seconds = seconds
        self.microseconds = microseconds
        self.fractionDigits = fractionDigits
    }

    /// The same instant cut to whole seconds.
    public var wholeSeconds: Timestamp { Timestamp(seconds: seconds) }

    /// Milliseconds from `other` to this instant, negative when this one is earlier.
    public func milliseconds(since other: Timestamp) -> Int64 {
        (seconds - other.seconds) * 1000 + Int64(microseconds - other.microseconds) / 1000
    }

    /// The instant `milliseconds` later.
    public func adding(milliseconds: Int64) -> Timestamp {
        let total = Int64(microseconds) + milliseconds * 1000
        let carry = total >= 0 ? total / 1_000_000 : -((999_999 - total) / 1_000_000)
        return Timestamp(
            seconds: seconds + carry, microseconds: Int32(total - carry * 1_000_000), fractionDigits: fractionDigits)
    }

    /// By instant; how many digits are shown does not matter.
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
