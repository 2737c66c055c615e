// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// The part of a reading that the history keeps: the values that the bridge accepted, and which counters continued from
/// another value.
///
/// The relay makes one for each reading, so it only contains references to existing data.
public struct HistoryReading: Sendable {
    /// The meter's id.
    public var meter: String
    /// When the values were true.
    public var time: Timestamp
    /// The registers; numbers are kept, texts and lists are not.
    public var registers: [RegisterValue]
    /// The repairs; those of the rule `counter.confirmed` name counters that continue from another value.
    public var fixes: [Fix]

    /// Creates a reading from its parts.
    public init(meter: String, time: Timestamp, registers: [RegisterValue], fixes: [Fix] = []) {
        self.meter = meter
        self.time = time
        self.registers = registers
        self.fixes = fixes
    }

    /// The part of a reading that is kept.
    public init(_ reading: Reading) {
        self.init(meter: reading.meter, time: reading.time, registers: reading.registers, fixes: reading.fixes)
    }

    /// True when the counter began anew: another meter, a reset, or a value that a person accepted.
    func beginsAnew(_ obis: OBISCode) -> Bool {
        guard !fixes.isEmpty else { return false }
        return fixes.contains { $0.rule == .counterConfirmed && $0.fields.contains(obis.description) }
    }
}
