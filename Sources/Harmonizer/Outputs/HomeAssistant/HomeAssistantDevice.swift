// SPDX-License-Identifier: Apache-2.0

/// A device in Home Assistant: a meter, or a gas, water or heat meter behind it.
struct HomeAssistantDevice {
    /// The id in topics, identifiers and unique ids: `obis_lgz1030655933512`. It follows the serial, so that an
    /// exchanged meter is another device.
    let identifier: String
    /// The first part of its entities' ids: `house`, `lgz1030655933512`.
    let object: String
    let name: String
    /// Nil for the meter itself.
    let submeter: Submeter?
    /// Its registers: what people look at first comes first.
    let registers: [RegisterState]

    /// The meter with the devices behind it, the meter first.
    static func devices(of meter: MeterState, names: HomeAssistantNames) -> [HomeAssistantDevice] {
        let key = meter.serial.map { MeterID.level($0) } ?? meter.id
        let object = object(of: meter, key: key)
        func isBehind(_ submeter: Submeter, _ register: RegisterState) -> Bool {
            register.value.obis.a == 0 && Int(register.value.obis.b) == submeter.channel
        }
        func sorted(_ registers: [RegisterState]) -> [RegisterState] {
            registers.enumerated().sorted {
                ($0.element.value.obis.homeAssistantRank, $0.offset) < (
                    $1.element.value.obis.homeAssistantRank, $1.offset
                )
            }.map(\.element)
        }
        let own = meter.registers.filter { register in !meter.instrument.submeters.contains { isBehind($0, register) } }
        let main = HomeAssistantDevice(
            identifier: "obis_\(key)", object: object,
            name: meter.settings.name
                ?? "\(names.meter(meter.settings.role, meter.medium)) \(meter.serial ?? meter.id)", submeter: nil,
            registers: sorted(own))
        let behind = meter.instrument.submeters.compactMap { submeter -> HomeAssistantDevice? in
            let registers = meter.registers.filter { isBehind(submeter, $0) }
            guard !registers.isEmpty else { return nil }
            // A gas meter is exchanged on its own, and the new one has the same channel.
            let own = submeter.id.map { MeterID.level($0) } ?? "\(key)_\(submeter.channel)"
            // Without an id of its own it is named after the meter that it is behind.
            let owner = meter.settings.name ?? (submeter.id == nil ? meter.serial ?? meter.id : nil)
            let number = submeter.id.map { " \($0)" } ?? ""
            return HomeAssistantDevice(
                identifier: "obis_\(own)",
                object: submeter.id == nil ? "\(object)_\(submeter.channel)" : entity(own),
                name: names.meter(submeter.medium) + number + (owner.map { " (\($0))" } ?? ""), submeter: submeter,
                registers: sorted(registers))
        }
        // Two devices with one id would overwrite each other.
        var seen: Set<String> = []
        return ([main] + behind).filter { seen.insert($0.identifier).inserted }
    }

    /// The name that the user gave the meter, else its id; with the serial after it once another meter had that name:
    /// statistics follow the entity's id, and the counter of the old meter must not continue in the new one.
    private static func object(of meter: MeterState, key: String) -> String {
        let given = meter.settings.name.flatMap(slug) ?? (meter.id == key ? nil : entity(meter.id))
        guard let given else { return entity(key) }
        return meter.predecessor == nil || meter.serial == nil ? entity(given) : entity("\(given)_\(key)")
    }

    /// A text as part of an entity's id. An id that begins with a digit cannot be written in templates.
    private static func entity(_ text: String) -> String {
        let word = text.replacing("-", with: "_")
        return word.first?.isNumber == true ? "meter_\(word)" : word
    }

    /// `House connection` as `house_connection`; nil when nothing of it is left.
    private static func slug(_ name: String) -> String? {
        MeterID.plain(name)?.replacing("-", with: "_")
    }
}

extension MeterState {
    /// What the meter itself measures: a water meter that sends by radio measures no electricity.
    fileprivate var medium: Submeter.Medium {
        if registers.contains(where: { $0.value.obis.a == 1 }) { return .electricity }
        return registers.lazy.compactMap { $0.value.obis.medium }.first ?? .electricity
    }
}

extension OBISCode {
    /// The medium of a gas, water or heat meter that sends for itself (IEC 62056-6-1, table 2: A = 6 to 9); nil for other codes.
    var medium: Submeter.Medium? {
        switch a {
        case 5: .cooling
        case 6: .heat
        case 7: .gas
        case 8: .water
        case 9: .warmWater
        default: nil
        }
    }
}
