// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Where one counter stood at the end of each quarter hour of the last two days: how much of it today is, and yesterday until the
/// same time was. It lives as long as the process; `history:` keeps what is older.
struct DayTrace: Sendable {
    private static let seconds: Int64 = 900
    /// Two days of 25 hours.
    private static let count = 200

    private struct Quarter: Sendable {
        /// Which quarter hour since 1970.
        var number: Int64
        /// The newest value in it.
        var last: ExactDecimal
    }

    /// The oldest first.
    private var quarters: [Quarter] = []
    /// Its first value, and when it came.
    private var first: (time: Timestamp, value: ExactDecimal)?

    /// Takes in a value. One that is lower than the last begins a new counter.
    mutating func note(_ value: ExactDecimal, at time: Timestamp) {
        let number = time.seconds / Self.seconds
        guard let last = quarters.last else {
            first = (time, value)
            return quarters.append(Quarter(number: number, last: value))
        }
        guard number >= last.number else { return }
        if value < last.last {
            first = (time, value)
            quarters = [Quarter(number: number, last: value)]
        } else if number == last.number {
            quarters[quarters.count - 1].last = value
        } else {
            quarters.append(Quarter(number: number, last: value))
            if quarters.count > Self.count { quarters.removeFirst() }
        }
    }

    /// Today up to now, and yesterday up to the same time; nil before two values are known.
    func day(at now: Timestamp, in zone: Zone) -> DayAmount? {
        guard let last = quarters.last?.last, let first else { return nil }
        let midnight = Self.midnight(now, in: zone)
        let atMidnight = value(before: midnight)
        guard let today = last.subtracting(atMidnight ?? first.value) else { return nil }
        let before = Self.midnight(midnight.adding(milliseconds: -3_600_000), in: zone)
        let elapsed = now.milliseconds(since: midnight)
        let yesterday = value(before: before).flatMap { start in
            value(before: before.adding(milliseconds: elapsed))?.subtracting(start)
        }
        return DayAmount(today: today, since: atMidnight == nil ? first.time : nil, yesterday: yesterday)
    }

    /// Where it stood at that time; nil when that is not known to the quarter hour.
    private func value(before time: Timestamp) -> ExactDecimal? {
        let number = (time.seconds - 1) / Self.seconds
        guard let quarter = quarters.last(where: { $0.number <= number }), number - quarter.number < 2 else {
            return nil
        }
        return quarter.last
    }

    static func midnight(_ time: Timestamp, in zone: Zone) -> Timestamp {
        let offset = Int64(zone.offset(at: time))
        let start = (time.seconds + offset) / 86_400 * 86_400 - offset
        // A clock that was put forward or back since then.
        let corrected = start + offset - Int64(zone.offset(at: Timestamp(seconds: start)))
        return Timestamp(seconds: corrected)
    }
}

/// What a counter counted today.
package struct DayAmount: Sendable, Equatable {
    /// In the unit of the counter.
    package var today: ExactDecimal
    /// Since when, where that is later than midnight.
    package var since: Timestamp?
    /// Yesterday until the same time; nil where nobody knows.
    package var yesterday: ExactDecimal?
}
