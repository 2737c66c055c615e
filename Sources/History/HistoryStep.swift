// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The length of the spans in a query.
public enum HistoryStep: String, Sendable, CaseIterable {
    /// Quarter hours of UTC.
    case quarter = "15m"
    /// Hours.
    case hour = "1h"
    /// Days of the meter's zone, of 23, 24 or 25 hours.
    case day = "1d"
    /// Months of the meter's zone.
    case month = "1mo"
    /// Years of the meter's zone.
    case year = "1y"

    /// True for spans that consist of whole days.
    var isMadeOfDays: Bool { self == .day || self == .month || self == .year }
}

extension Zone {
    /// The start of the span that contains a second.
    func start(of step: HistoryStep, holding second: Int64) -> Int64 {
        let instant = Timestamp(seconds: second)
        let offset = Int64(offset(at: instant))
        switch step {
        case .quarter: return Self.floor(second, Quarter.length)
        case .hour: return Self.floor(second + offset, 3600) - offset
        case .day, .month, .year:
            let wall = WallTime(instant, offset: Int(offset))
            return midnight(
                wall.year, step == .year ? 1 : wall.month, step == .day ? wall.day : 1, near: instant)
        }
    }

    /// The end of the span that begins at `start`.
    func end(of step: HistoryStep, from start: Int64) -> Int64 {
        switch step {
        case .quarter: start + Quarter.length
        case .hour: start + 3600
        // A time well inside the next span: after its start and before its end.
        case .day: self.start(of: .day, holding: start + 36 * 3600)
        case .month: self.start(of: .month, holding: start + 45 * 86_400)
        case .year: self.start(of: .year, holding: start + 500 * 86_400)
        }
    }

    /// The first instant of a day.
    func midnight(_ year: Int, _ month: Int, _ day: Int, near instant: Timestamp) -> Int64 {
        guard let wall = WallTime(year: year, month: month, day: day, hour: 0, minute: 0, second: 0) else {
            return instant.seconds
        }
        // When the clock shows midnight twice, the day begins with the first one.
        let late = self.instant(wall, near: Timestamp(seconds: .max / 2))
        let early = self.instant(wall, near: Timestamp(seconds: .min / 2))
        return min(early.seconds, late.seconds)
    }

    private static func floor(_ second: Int64, _ length: Int64) -> Int64 {
        second - ((second % length) + length) % length
    }
}
