// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A time zone with its offsets from 1990 to 2050 in a table, because the calendar functions behind it cost microseconds.
public struct Zone: Sendable, Equatable {
    /// `Europe/Zurich`.
    public let identifier: String
    private let starts: [Int64]
    private let offsets: [Int]

    /// UTC.
    public static let utc = Zone(identifier: "UTC", starts: [.min], offsets: [0])

    /// The zone of that name in the tz database; nil when it cannot be loaded, never a silent UTC.
    public init?(_ identifier: String) {
        guard let zone = TimeZone(identifier: identifier) else { return nil }
        self.init(zone, named: identifier)
    }

    /// The zone this computer is set to; nil when `TZ` names a zone that cannot be loaded, which the C library and
    /// Foundation silently take for UTC.
    ///
    /// - Parameter variable: the environment's `TZ`; nil when it is not set.
    public static func host(_ variable: String?) -> Zone? {
        guard let variable, !variable.isEmpty else { return Zone(TimeZone.current, named: TimeZone.current.identifier) }
        return Zone(variable.hasPrefix(":") ? String(variable.dropFirst()) : variable)
    }

    private init(_ zone: TimeZone, named identifier: String) {
        func offset(_ second: Int64) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
        let first: Int64 = 631_152_000  // 1990-01-01
        let last: Int64 = 2_524_608_000  // 2050-01-01
        var starts: [Int64] = [.min]
        var offsets = [offset(first)]
        var known = first
        for next in stride(from: first, through: last, by: 14 * 86_400) {
            var current = offset(next)
            while let before = offsets.last, current != before {
                var low = known
                var high = next
                while high - low > 1 {
                    let middle = low + (high - low) / 2
                    if offset(middle) == before { low = middle } else { high = middle }
                }
                starts.append(high)
                offsets.append(offset(high))
                known = high
                current = offset(next)
            }
            known = next
        }
        self.init(identifier: identifier == "GMT" ? "UTC" : identifier, starts: starts, offsets: offsets)
    }

    private init(identifier: String, starts: [Int64], offsets: [Int]) {
        self.identifier = identifier
        self.starts = starts
        self.offsets = offsets
    }

    /// Seconds east of UTC at an instant.
    public func offset(at instant: Timestamp) -> Int { offset(atSecond: instant.seconds) }

    private func offset(atSecond second: Int64) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= second { low = middle } else { high = middle }
        }
        return offsets[low]
    }

    /// Seconds east of UTC without daylight saving in the year of that local time.
    public func standardOffset(_ wall: WallTime) -> Int {
        let winter = WallTime(year: wall.year, month: 1, day: 1, hour: 0, minute: 0, second: 0) ?? wall
        let summer = WallTime(year: wall.year, month: 7, day: 1, hour: 0, minute: 0, second: 0) ?? wall
        return min(offset(at: winter.instant(offset: 0)), offset(at: summer.instant(offset: 0)))
    }

    /// The instant at which a clock in this zone shows `wall`.
    ///
    /// In the hour that autumn repeats, the later candidate that is not after the arrival: no message arrives before
    /// its time. In the hour that spring skips, the instant of a clock that was not put forward.
    ///
    /// - Parameters:
    ///   - wall: the local time that the clock shows.
    ///   - arrival: when the message with that time arrived.
    ///   - ahead: how far the clock may be ahead of the arrival.
    public func instant(_ wall: WallTime, near arrival: Timestamp, ahead: TimeSpan = .minutes(5)) -> Timestamp {
        let face = wall.instant(offset: 0).seconds
        let before = offset(atSecond: face - 86_400)
        let after = offset(atSecond: face + 86_400)
        let one = wall.instant(offset: before)
        guard before != after else { return one }
        let two = wall.instant(offset: after)
        switch (offset(at: one) == before, offset(at: two) == after) {
        case (true, true):
            let (early, late) = one < two ? (one, two) : (two, one)
            return late - arrival <= ahead ? late : early
        case (false, true): return two
        default: return one
        }
    }
}
