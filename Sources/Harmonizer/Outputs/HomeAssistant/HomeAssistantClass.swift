// SPDX-License-Identifier: Apache-2.0

/// Device class, state class and unit of a register, in the combinations that Home Assistant accepts
/// (`homeassistant/components/sensor/const.py`; a wrong unit makes it refuse the entity since 2025.7), and how much it matters.
struct HomeAssistantClass: Equatable {
    var deviceClass: String?
    var stateClass: String?
    var unit: String?
    /// Digits shown after the point.
    var precision: Int?
    /// True for a register that people look at when something is wrong.
    var isDiagnostic = false
    /// False for a register that most people never want to see: its entity exists, disabled until the user enables it.
    var isEnabled = true
    /// The states of an enum; empty when it is not an enum.
    var options: [String] = []
    /// The template that makes the state from the bare value; nil when the bare value is the state.
    var template: String?

    /// - Parameters:
    ///   - isCounter: true for a register that only grows, as the profile has it.
    ///   - medium: the medium of a meter behind the meter.
    ///   - isLegacy: true for releases before 2025.6, which do not know `reactive_energy`, and know fewer units.
    init(_ register: RegisterValue, isCounter: Bool, medium: Submeter.Medium?, isLegacy: Bool) {
        let obis = register.obis
        if obis.isSwitch {
            position()
            return
        }
        if obis.isTariff {
            tariff(register.value)
            return
        }
        if obis.isEventCount {
            (stateClass, isDiagnostic, isEnabled) = ("total_increasing", true, false)
            return
        }
        if case .list = register.value {
            isDiagnostic = true
            isEnabled = obis.isDemandHistory
            return
        }
        // A text: a message of the grid operator.
        guard case .number = register.value else {
            (isDiagnostic, isEnabled) = (true, false)
            return
        }
        isDiagnostic = obis.isThreshold
        unit = register.unit?.symbol
        physics(register, total: isCounter ? "total_increasing" : "total", medium: medium, isLegacy: isLegacy)
    }

    private mutating func physics(
        _ register: RegisterValue, total: String, medium: Submeter.Medium?, isLegacy: Bool
    ) {
        switch register.unit?.dimension {
        case .activeEnergy: (deviceClass, stateClass, precision) = ("energy", total, 3)
        case .reactiveEnergy where unit != "Mvarh":
            (deviceClass, stateClass, precision) = (isLegacy ? nil : "reactive_energy", total, 3)
        case .reactiveEnergy, .apparentEnergy: (stateClass, precision) = (total, 3)
        case .heat: (deviceClass, stateClass, precision) = ("energy", total, 3)
        case .activePower: (deviceClass, stateClass, precision) = ("power", "measurement", 0)
        case .reactivePower where unit == "var" || unit == "kvar" && !isLegacy:
            (deviceClass, stateClass, precision) = ("reactive_power", "measurement", unit == "var" ? 0 : 3)
        case .apparentPower where unit == "VA" || unit == "kVA" && !isLegacy:
            (deviceClass, stateClass, precision) = ("apparent_power", "measurement", unit == "VA" ? 0 : 3)
        case .reactivePower, .apparentPower: stateClass = "measurement"
        case .voltage where unit != "kV" || !isLegacy:
            (deviceClass, stateClass, precision) = ("voltage", "measurement", unit == "kV" ? 3 : 1)
        case .current where unit != "kA": (deviceClass, stateClass, precision) = ("current", "measurement", 2)
        case .voltage, .current: stateClass = "measurement"
        case .frequency: (deviceClass, stateClass, precision) = ("frequency", "measurement", 2)
        case .volume where unit == "m³": (deviceClass, stateClass, precision) = (Self.volume(medium), total, 3)
        case .volume: stateClass = total
        case .flow: (deviceClass, stateClass, precision) = ("volume_flow_rate", "measurement", 3)
        case .temperature: (deviceClass, stateClass, precision) = ("temperature", "measurement", 1)
        case .time: (deviceClass, stateClass) = ("duration", "measurement")
        case .ratio:
            unit = nil
            stateClass = "measurement"
            if register.obis.isPowerFactor { (deviceClass, precision) = ("power_factor", 3) }
        case .angle, .other: stateClass = "measurement"
        case nil:
            // Readers send a power factor without the unit 1; the meaning of any other number without a unit is
            // unknown.
            guard register.obis.isPowerFactor else { return }
            (deviceClass, stateClass, precision) = ("power_factor", "measurement", 3)
        }
    }

    /// A breaker or a valve, as DSMR 5 numbers its positions.
    private mutating func position() {
        deviceClass = "enum"
        options = ["disconnected", "connected", "ready for reconnection"]
        template = "{{ {'0': 'disconnected', '1': 'connected', '2': 'ready for reconnection'}.get(value | string) }}"
        isDiagnostic = true
    }

    /// An enum names every state that it can have: those of the family that contains the present one.
    private mutating func tariff(_ value: RegisterValue.Value) {
        let state: String
        switch value {
        case .number(let number): state = number.description
        case .text(let text): state = text
        case .list: return
        }
        let families = [
            ["1", "2", "3", "4", "5"], ["T1", "T2", "T3", "T4", "T5"], ["HT", "NT"], ["low", "normal"],
        ]
        guard let family = families.first(where: { $0.contains(state) }) else { return }
        (deviceClass, options) = ("enum", family)
    }

    private static func volume(_ medium: Submeter.Medium?) -> String {
        switch medium {
        case .gas: "gas"
        case .water, .warmWater: "water"
        default: "volume"
        }
    }
}

extension OBISCode {
    /// `0-n:96.3.10` and `0-n:24.4.0`: whether the meter, or a meter behind it, lets anything through.
    var isSwitch: Bool { a == 0 && (c == 96 && d == 3 && e == 10 || c == 24 && d == 4 && e == 0) }

    /// `0-0:96.14.0`.
    fileprivate var isTariff: Bool { a == 0 && c == 96 && d == 14 }

    /// Power failures `0-0:96.7.n`, voltage sags and swells `1-0:32.32.0`, `1-0:32.36.0`.
    fileprivate var isEventCount: Bool {
        a == 0 && c == 96 && d == 7 || a == 1 && [12, 32, 52, 72].contains(c) && (d == 32 || d == 36)
    }

    /// `0-0:98.1.0`: the highest quarter-hour of each month.
    var isDemandHistory: Bool { a == 0 && c == 98 && d == 1 }

    /// The highest quarter-hour of the running month, which has a time of its own.
    var isDemandMaximum: Bool { a == 1 && d == 6 }

    /// A limit that the meter sets, and not a measurement.
    fileprivate var isThreshold: Bool { a == 0 && c == 17 || a == 1 && [31, 51, 71].contains(c) && d == 4 }

    fileprivate var isPowerFactor: Bool { a == 1 && d == 7 && [13, 33, 53, 73, 84, 85, 86, 87].contains(c) }

    /// The place of a register among those of its meter: what people look at first comes first, diagnostics last.
    var homeAssistantRank: Int {
        if isSwitch || isEventCount || isThreshold || isDemandHistory { return 9 }
        if a != 1 { return a == 0 && c == 24 || medium != nil ? 0 : 8 }
        switch (c, d) {
        case (1, 8), (2, 8): return e == 0 ? 0 : 1
        case (16, 7): return 2
        case (1, 7), (2, 7): return 3
        case (1, 4), (1, 5), (1, 6), (2, 4), (2, 5), (2, 6): return 4
        case (21, 7), (22, 7), (41, 7), (42, 7), (61, 7), (62, 7), (36, 7), (56, 7), (76, 7): return 5
        case (32, 7), (52, 7), (72, 7), (31, 7), (51, 7), (71, 7): return 6
        default: return 7
        }
    }
}
