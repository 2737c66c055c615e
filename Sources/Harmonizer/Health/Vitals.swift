// SPDX-License-Identifier: Apache-2.0

/// Totals of a pipeline for `health`.
public struct Vitals: Sendable, Equatable {
    /// Messages not understood.
    public var rejected = 0
    /// Readings with a repair that doubts a value.
    public var doubts = 0
    /// Meters known.
    public var meters = 0
    /// Meters that are online.
    public var online = 0
    /// Labels without an OBIS code.
    public var unknownLabels = 0
}
