// SPDX-License-Identifier: Apache-2.0

/// What a meter measures, which decides what its two directions mean. Its registers are the same for every role: import
/// flows into what it measures, export out of it.
public enum MeterRole: String, Sendable, CaseIterable {
    /// The connection of a house: import is bought, export is sold.
    case grid
    /// Solar panels: export is what they produce, import what their inverter consumes.
    case pv
    /// A battery: import charges it, export discharges it.
    case battery
    /// A consumer, such as a heat pump or a charging station.
    case load
}
