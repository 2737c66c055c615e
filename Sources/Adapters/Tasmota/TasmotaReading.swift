// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Collects the values of the labels in one group.
struct TasmotaReading {
    let keepsRaw: Bool
    private(set) var observations: [Observation] = []
    private(set) var id: RawID?
    private(set) var clock: RawTime?
    private(set) var remarks: [Remark] = []
    /// Labels that the possible dictionaries read differently.
    private(set) var disputed: [String] = []
    /// True when there was a clock label, with any value.
    private(set) var hasClock = false
    private var conflicting: [OBISCode] = []
    private var seen = OBISSieve()

    init(keepsRaw: Bool) {
        self.keepsRaw = keepsRaw
        observations.reserveCapacity(24)
    }

    /// Adds a label.
    mutating func add(_ meaning: LabelMeaning, _ label: JSONText, _ value: JSONValue) {
        switch meaning {
        case .register(let code, let rule): add(code, rule, label, value)
        case .id(let isHexadecimalText): add(id: value, isHexadecimalText: isHexadecimalText)
        case .clock:
            hasClock = true
            clock = clock ?? TasmotaTime.meterClock(value)
        case .ignored: break
        case .disputed: disputed.append(label.string)
        case .unknown: remarks.append(.unknownLabel(label.string))
        }
    }

    /// Adds a number of a register.
    ///
    /// - Returns: false when more than this is needed; nothing was added.
    mutating func add(_ code: OBISCode, _ number: ExactDecimal, _ unit: Unit) -> Bool {
        guard !keepsRaw, !seen.contains(code) else { return false }
        _ = seen.insert(code)
        observations.append(Observation(code, number: number, unit: unit))
        return true
    }

    private mutating func add(id value: JSONValue, isHexadecimalText: Bool) {
        guard id == nil, value.kind == .string || value.kind == .number else { return }
        id = RawID(value.literal.string, isHexadecimalText: isHexadecimalText)
    }

    private mutating func add(_ code: OBISCode, _ rule: LabelMeaning.UnitRule, _ label: JSONText, _ value: JSONValue) {
        let isText = if case .fixed(nil) = rule { true } else { false }
        let read: RawValue
        switch value.kind {
        case .null: return
        case .string where value.literal.isEmpty: return
        case .string where isText: read = .text(value.literal.string)
        default:
            guard let number = value.quotedDecimal else {
                remarks.append(.malformed("the value of \"\(label.string)\" is no number"))
                return
            }
            read = .number(number)
        }
        let unit: Unit?
        switch rule {
        case .fixed(let known): unit = known
        case .byDecimals:
            // A number whose decimals fit no script may be W or kW.
            guard let found = rule.unit(decimals: value.literal.decimals) else {
                disputed.append(label.string)
                return
            }
            unit = found
        }
        if !keepsRaw, case .number(let number) = read, !seen.insert(code) {
            observations.append(Observation(code, number: number, unit: unit))
            return
        }
        let observation = Observation(
            code, read, unit: unit, raw: keepsRaw ? "\(label.string)=\(value.literal.string)" : nil)
        guard seen.insert(code) else {
            observations.append(observation)
            return
        }
        if let index = observations.firstIndex(where: { $0.obis == code }) {
            repeated(observation, label.string, of: observations[index])
        } else if !conflicting.contains(code) {
            observations.append(observation)
        }
    }

    /// Scripts use a label twice, once for each tariff or for the same register again. Equal values count as one; of
    /// two different values it is unknown which is the register's, so neither is published.
    private mutating func repeated(_ observation: Observation, _ label: String, of first: Observation) {
        guard first.value != observation.value || first.unit != observation.unit else { return }
        conflicting.append(observation.obis)
        observations.removeAll { $0.obis == observation.obis }
        remarks.append(.malformed("\(observation.obis) has two different values, the second in \"\(label)\""))
    }
}
