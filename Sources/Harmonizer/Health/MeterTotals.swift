// SPDX-License-Identifier: Apache-2.0

/// How many meters there are, by what is known of them.
public struct MeterTotals: Sendable, Equatable {
    /// Their messages arrive.
    public var online = 0
    /// They are silent, or their reader said goodbye.
    public var offline = 0
    /// Known from an earlier run, and not heard since the start.
    public var unknown = 0
    /// Registers whose newest value is not believed yet.
    public var heldRegisters = 0

    /// None.
    package init() {}
}
