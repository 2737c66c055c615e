// SPDX-License-Identifier: Apache-2.0

/// An instant in half the memory of a `Timestamp`, for the values that are remembered of thousands of meters.
///
/// Only an instant that `isRepresentable` comes back unchanged; any other becomes the nearest that fits.
struct PackedTime: Sendable, Comparable {
    /// 40 bits of seconds, 20 of microseconds, 4 of digits.
    private let bits: Int64

    init(_ time: Timestamp) {
        let seconds = min(max(time.seconds, -1 << 39), 1 << 39 - 1)
        bits =
            seconds << 24 | Int64(time.microseconds & 0xF_FFFF) << 4 | Int64(time.fractionDigits & 0xF)
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    var seconds: Int64 { bits >> 24 }

    private var microseconds: Int64 { bits >> 4 & 0xF_FFFF }

    var timestamp: Timestamp {
        Timestamp(
            seconds: seconds, microseconds: Int32(truncatingIfNeeded: microseconds),
            fractionDigits: UInt8(truncatingIfNeeded: bits & 0xF))
    }

    /// The span from `other` to this instant, as of two `Timestamp`s.
    static func - (one: PackedTime, other: PackedTime) -> TimeSpan {
        .milliseconds((one.seconds - other.seconds) * 1000 + (one.microseconds - other.microseconds) / 1000)
    }

    /// By instant, however many digits are shown.
    static func == (one: PackedTime, other: PackedTime) -> Bool { one.bits >> 4 == other.bits >> 4 }

    /// By instant.
    static func < (one: PackedTime, other: PackedTime) -> Bool { one.bits >> 4 < other.bits >> 4 }
}
