// SPDX-License-Identifier: Apache-2.0

/// Why quarter-hour demand cannot be computed for a meter.
enum MissingForDemand: Sendable, Equatable {
    /// No reading had the energy from the grid.
    case counter
    /// The steps of the counter are too large for a quarter of an hour.
    case steps
    /// This much time passes between two readings with the counter.
    case pause(TimeSpan)
}
