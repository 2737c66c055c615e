// SPDX-License-Identifier: Apache-2.0

/// What a meter lacks that quarter-hour demand could be computed of.
enum MissingForDemand: Sendable, Equatable {
    /// No reading had the energy from the grid.
    case counter
    /// The counter moves in steps that are too large for a quarter of an hour.
    case steps
    /// So much time passes between two readings with the counter.
    case pause(TimeSpan)
}
