// SPDX-License-Identifier: Apache-2.0

/// A device in Home Assistant: a meter, or a gas, water or heat meter behind it.
struct HomeAssistantDevice {
    /// In topics, identifiers and unique ids: `obis_lgz1030655933512`.
    let identifier: String
    /// The first part of its entities' ids: `lgz1030655933512`.
    let object: String
    let name: String
    /// Nil for the meter itself.
    let submeter: Submeter?
    let registers: [RegisterState]

    /// The meter with the devices behind it, the meter first.
    static func devices(of meter: MeterState) -> [HomeAssistantDevice] {
        let key = meter.serial.map { MeterID.level($0) } ?? meter.id
        // A dash is not allowed in entity ids.
        let object = key.replacing("-", with: "_")
        func isBehind(_ submeter: Submeter, _ register: RegisterState) -> Bool {
            register.value.obis.a == 0 && Int(register.value.obis.b) == submeter.channel
        }
        let own = meter.registers.filter { register in !meter.submeters.contains { isBehind($0, register) } }
        let main = HomeAssistantDevice(
            identifier: "obis_\(key)", object: object,
            name: meter.name ?? "Electricity meter \(meter.serial ?? meter.id)", submeter: nil, registers: own)
        let behind = meter.submeters.compactMap { submeter -> HomeAssistantDevice? in
            let registers = meter.registers.filter { isBehind(submeter, $0) }
            guard !registers.isEmpty else { return nil }
            // A gas meter is exchanged on its own, and then its channel is the same.
            let own = submeter.id.map { MeterID.level($0) } ?? "\(key)_\(submeter.channel)"
            let word = submeter.medium.rawValue.replacing("-", with: " ")
            let title = word.prefix(1).uppercased() + word.dropFirst()
            let suffix = meter.name.map { " (\($0))" } ?? ""
            return HomeAssistantDevice(
                identifier: "obis_\(own)", object: own.replacing("-", with: "_"),
                name: "\(title) meter \(submeter.id ?? "\(submeter.channel)")\(suffix)", submeter: submeter,
                registers: registers)
        }
        // Two devices with one id would overwrite each other.
        var seen: Set<String> = []
        return ([main] + behind).filter { seen.insert($0.identifier).inserted }
    }
}
