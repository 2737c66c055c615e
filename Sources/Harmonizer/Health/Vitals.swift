// SPDX-License-Identifier: Apache-2.0

/// What somebody who watches `health` wants to hear about at once, and not with the next minute.
public struct Vitals: Sendable, Equatable {
    /// Messages not understood.
    public var rejected = 0
    /// Readings with a repair that doubts a value.
    public var doubts = 0
    /// Meters known.
    public var meters = 0
    /// Meters whose reader has not said goodbye.
    public var online = 0
    /// Labels without an OBIS code.
    public var unknownLabels = 0
}
