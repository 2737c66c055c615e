// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// The values of one counter at the end of each quarter hour of the last two days. From them come the amount of today
/// and the amount of yesterday up to the same time. Lost when the process ends; `history:` keeps older values.
struct DayTrace: Sendable {
    private static let seconds: Int64 = 900
    /// Two days of 25 hours.
    private static let count = 200

    private struct Quarter: Sendable {
        /// Quarter hours since 1970.
        var number: Int64
        /// The newest value in this quarter hour.
        var last: ExactDecimal
    }

    /// Oldest first.
    private var quarters: [Quarter] = []
    /// The first value of the counter, and when it came.
    private var first: (time: Timestamp, value: ExactDecimal)?

    /// Records a value. A value lower than the last starts a new counter.
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

    /// The amounts of today up to now, and of yesterday up to the same time; nil before the first value.
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

    /// The counter's value at `time`; nil when it is not known to the quarter hour.
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

    /// The marks for the moment `now`.
    package init(at now: Timestamp, in zone: Zone) {
        midnight = Self.midnight(now, in: zone)
        former = Self.midnight(midnight - .hours(1), in: zone)
        sameTime = former + (now - midnight)
    }

    private static func midnight(_ time: Timestamp, in zone: Zone) -> Timestamp {
        let offset = Int64(zone.offset(at: time))
        let start = (time.seconds + offset) / 86_400 * 86_400 - offset
        // Corrects for a daylight saving change since midnight.
        let corrected = start + offset - Int64(zone.offset(at: Timestamp(seconds: start)))
        return Timestamp(seconds: corrected)
    }

    /// True for the counters whose daily amounts a card shows: energy, total or by tariff, and every counter of another
    /// medium.
    package static func isCounted(_ obis: OBISCode) -> Bool {
        obis.isCounter && (obis.a != 1 || ([1, 2].contains(obis.c) && obis.e <= 2))
    }
}

/// What a counter counted today.
package struct DayAmount: Sendable, Equatable {
    /// The amount of today, in the counter's unit.
    package var today: ExactDecimal
    /// The start of `today`, when it is later than midnight.
    package var since: Timestamp?
    /// The amount of yesterday up to the same time; nil when unknown.
    package var yesterday: ExactDecimal?
}

extension DayAmount {
    /// The amounts of a day, combined from the process's memory and the history.
    ///
    /// - Parameters:
    ///   - live: the amounts that the process has seen; nil for none.
    ///   - now: the counter's value now.
    ///   - atMidnight: the counter's value when today began; nil when unknown.
    ///   - atFormerMidnight: the counter's value when yesterday began; nil when unknown.
    ///   - yesterday: the counter's value at this time yesterday; nil when unknown.
    /// - Returns: nil when neither source knows the amount of today.
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
