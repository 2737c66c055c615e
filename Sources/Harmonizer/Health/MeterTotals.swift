// SPDX-License-Identifier: Apache-2.0

/// How many meters there are, by what is known of them.
package struct MeterTotals: Sendable, Equatable {
    /// Meters whose messages arrive.
    package var online = 0
    /// Meters that are silent, or whose reader is gone by its last will.
    package var offline = 0
    /// Meters that are known from an earlier run, and not heard since the start.
    package var unknown = 0
    /// Registers whose newest value is not believed yet.
    package var heldRegisters = 0

    /// No meters.
    package init() {}
}
