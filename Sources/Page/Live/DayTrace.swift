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
        let marks = DayMarks(at: now, in: zone)
        let atMidnight = value(before: marks.midnight)
        guard let today = last.subtracting(atMidnight ?? first.value) else { return nil }
        let yesterday = value(before: marks.former).flatMap { start in
            value(before: marks.sameTime)?.subtracting(start)
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
}

/// The instants between which today and yesterday are counted.
package struct DayMarks: Sendable {
    /// When today began.
    package let midnight: Timestamp
    /// When yesterday began.
    package let former: Timestamp
    /// As long after `former` as now is after `midnight`.
    package let sameTime: Timestamp

    /// Makes those of a moment.
    package init(at now: Timestamp, in zone: Zone) {
        midnight = Self.midnight(now, in: zone)
        former = Self.midnight(midnight - .hours(1), in: zone)
        sameTime = former + (now - midnight)
    }

    private static func midnight(_ time: Timestamp, in zone: Zone) -> Timestamp {
        let offset = Int64(zone.offset(at: time))
        let start = (time.seconds + offset) / 86_400 * 86_400 - offset
        // A clock that was put forward or back since then.
        let corrected = start + offset - Int64(zone.offset(at: Timestamp(seconds: start)))
        return Timestamp(seconds: corrected)
    }

    /// True for the counters of which a card shows amounts: totals of energy, by tariff too; of another medium whatever it counts.
    package static func isCounted(_ obis: OBISCode) -> Bool {
        obis.isCounter && (obis.a != 1 || ([1, 2].contains(obis.c) && obis.e <= 2))
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

extension DayAmount {
    /// What is known of a day, from the process and from the history.
    ///
    /// - Parameters:
    ///   - live: what the process has seen; nil for nothing.
    ///   - now: where the counter stands.
    ///   - atMidnight: where it stood when today began; nil where nobody knows.
    ///   - atFormerMidnight: the same of yesterday.
    ///   - yesterday: where it stood at this time of yesterday.
    /// - Returns: nil where neither knows of today.
    package init?(
        _ live: DayAmount?, now: ExactDecimal, atMidnight: ExactDecimal?, atFormerMidnight: ExactDecimal?,
        yesterday: ExactDecimal?
    ) {
        func rise(_ from: ExactDecimal?, _ to: ExactDecimal?) -> ExactDecimal? {
            guard let from, let to, to >= from else { return nil }
            return to.subtracting(from)
        }
        let isLive = live.map { $0.since == nil } ?? false
        let today = isLive ? nil : rise(atMidnight, now)
        guard let amount = today ?? live?.today else { return nil }
        self.init(
            today: amount, since: today == nil ? live?.since : nil,
            yesterday: live?.yesterday ?? rise(atFormerMidnight, yesterday))
    }
}
