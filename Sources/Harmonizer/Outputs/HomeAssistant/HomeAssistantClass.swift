// SPDX-License-Identifier: Apache-2.0

/// Device class, state class and unit of a register, in the combinations that Home Assistant accepts
/// (`homeassistant/components/sensor/const.py`; a wrong unit makes it refuse the entity since 2025.7).
struct HomeAssistantClass: Equatable {
    var deviceClass: String?
    var stateClass: String?
    var unit: String?
    /// Digits shown behind the point.
    var precision: Int?

    /// - Parameters:
    ///   - medium: of a meter behind the meter.
    ///   - isLegacy: true for releases before 2025.6, which do not know `reactive_energy`.
    init(_ register: RegisterValue, medium: Submeter.Medium?, isLegacy: Bool) {
        // A text: a tariff's name, a message.
        guard case .number = register.value else { return }
        unit = register.unit?.symbol
        let total = register.obis.isCounter ? "total_increasing" : "total"
        switch register.unit?.dimension {
        case .activeEnergy: (deviceClass, stateClass, precision) = ("energy", total, 3)
        case .reactiveEnergy where unit != "Mvarh":
            (deviceClass, stateClass, precision) = (isLegacy ? nil : "reactive_energy", total, 3)
        case .reactiveEnergy, .apparentEnergy: (stateClass, precision) = (total, 3)
        case .heat: (deviceClass, stateClass, precision) = ("energy", total, 3)
        case .activePower: (deviceClass, stateClass, precision) = ("power", "measurement", 0)
        case .reactivePower where unit == "var":
            (deviceClass, stateClass, precision) = ("reactive_power", "measurement", 0)
        case .apparentPower where unit == "VA":
            (deviceClass, stateClass, precision) = ("apparent_power", "measurement", 0)
        case .reactivePower, .apparentPower: stateClass = "measurement"
        case .voltage where unit != "kV": (deviceClass, stateClass, precision) = ("voltage", "measurement", 1)
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
            if register.obis.a == 1, register.obis.d == 7 { (deviceClass, precision) = ("power_factor", 3) }
        case .angle: stateClass = "measurement"
        case .other: stateClass = "measurement"
        case nil: break  // a count, or a number whose meaning nobody said
        }
    }

    private static func volume(_ medium: Submeter.Medium?) -> String {
        switch medium {
        case .gas: "gas"
        case .water, .warmWater: "water"
        default: "volume"
        }
    }
}
