// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer

/// The one place where the program reads the clock.
package enum SystemClock {
    /// The current time, to the millisecond, as in `received`.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let micros = Int32(time.tv_nsec / 1_000_000 * 1000)
        return Timestamp(seconds: Int64(time.tv_sec), microseconds: micros, fractionDigits: 3)
    }

    /// The wall-clock time at an instant of this process.
    package static func at(_ moment: ContinuousClock.Instant) -> Timestamp {
        now - TimeSpan(ContinuousClock.now - moment)
    }
}
