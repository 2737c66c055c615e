// SPDX-License-Identifier: Apache-2.0
public import Harmonizer

/// What a reading tells the history: the values that the bridge believed, and which counters went on from another value.
///
/// The relay makes one for each reading, so it is nothing but references to what is there already.
public struct HistoryReading: Sendable {
    /// The meter's id.
    public var meter: String
    /// When the values were true.
    public var time: Timestamp
    /// The registers; numbers are kept, texts and lists are not.
    public var registers: [RegisterValue]
    /// The repairs: those of the rule `counter.confirmed` name counters that go on from another value.
    public var fixes: [Fix]

    /// Makes one from its parts.
    public init(meter: String, time: Timestamp, registers: [RegisterValue], fixes: [Fix] = []) {
        self.meter = meter
        self.time = time
        self.registers = registers
        self.fixes = fixes
    }

    /// What is kept of a reading.
    public init(_ reading: Reading) {
        self.init(meter: reading.meter, time: reading.time, registers: reading.registers, fixes: reading.fixes)
    }

    /// True when the counter began anew: another meter, a reset, or a value that somebody accepted.
    func beginsAnew(_ obis: OBISCode) -> Bool {
        guard !fixes.isEmpty else { return false }
        return fixes.contains { $0.rule == .counterConfirmed && $0.fields.contains(obis.description) }
    }
}
