// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The quarter hours of UTC, each named by the second at which it begins.
///
/// A quarter contains what is true after its start and until its end, the end included: a counter read at 10:15:00
/// reports what was used before 10:15. In every zone of today the days begin at a quarter.
enum Quarter {
    /// Seconds of a quarter hour.
    static let length: Int64 = 900

    /// The start of the quarter that contains a second.
    static func start(holding second: Int64) -> Int64 {
        let previous = second - 1
        return previous - ((previous % length) + length) % length
    }
}

extension Timestamp {
    /// The whole second at or after this instant.
    var secondReached: Int64 { microseconds > 0 ? seconds + 1 : seconds }
}
