// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The meter's clock: one stamp (0-0:1.0.0, WarmteLink 0-0:1.1.0), or separate time and date (Slovenia: 1-0:0.9.1
/// `hhmmss` and 1-0:0.9.2 `YYMMDD`).
struct P1Clock: Sendable {
    private var stamp: RawTime?
    private var timeOfDay: (Int, Int, Int)?
    private var date: (Int, Int, Int)?

    /// Adds a stamp; the first one is used.
    mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) { stamp = stamp ?? P1Time.parse(bytes) }

    /// Adds a date or a time of day: six digits, with any separators.
    mutating func add(_ bytes: UnsafeBufferPointer<UInt8>, isDate: Bool) {
        var digits = (0, 0, 0)
        var count = 0
        for byte in bytes {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { continue }
            switch count / 2 {
            case 0: digits.0 = digits.0 * 10 + Int(digit)
            case 1: digits.1 = digits.1 * 10 + Int(digit)
            default: digits.2 = digits.2 * 10 + Int(digit)
            }
            count += 1
            if count > 6 { return }
        }
        guard count == 6 else { return }
        if isDate { date = digits } else { timeOfDay = digits }
    }

    /// The time of the telegram; nil when it has none.
    var time: RawTime? {
        if let stamp { return stamp }
        guard let date, let timeOfDay else { return nil }
        return WallTime(
            year: 2000 + date.0, month: date.1, day: date.2, hour: timeOfDay.0, minute: timeOfDay.1,
            second: timeOfDay.2
        ).map(RawTime.local)
    }
}
