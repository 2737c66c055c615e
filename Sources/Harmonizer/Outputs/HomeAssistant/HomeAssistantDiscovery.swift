// SPDX-License-Identifier: Apache-2.0

/// The discovery message of one device (home-assistant.io/integrations/mqtt, "Device discovery payload").
struct HomeAssistantDiscovery {
    let context: OutputContext
    let isLegacy: Bool

    func payload(_ device: HomeAssistantDevice, of meter: MeterState) -> [UInt8] {
        let topics = context.profile.topics
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key("device")
            json.object { json in
                json.key("identifiers")
                json.array { $0.string(device.identifier) }
                json.member("name", device.name)
                if device.submeter == nil {
                    json.member("manufacturer", meter.model?.manufacturer)
                    json.member("model", meter.model?.model)
                    json.member("serial_number", meter.serial)
                    json.member("via_device", HomeAssistantBridge(context: context).identifier)
                } else {
                    json.member("serial_number", device.submeter?.id)
                    json.member("via_device", HomeAssistantDevice.devices(of: meter)[0].identifier)
                }
            }
            json.origin(version: context.version)
            json.availability([
                topics.status.isEnabled ? topics.status.topic(["bridge": context.bridge]) : nil,
                topics.availability.isEnabled ? meter.topics.availability : nil,
            ])
            json.key("qos")
            json.number(1)
            json.key("components")
            json.object { json in
                for register in device.registers { sensor(register, of: meter, device: device, into: &json) }
                if device.submeter == nil {
                    problem(device, of: meter, into: &json)
                    lastReading(device, of: meter, into: &json)
                }
            }
        }
        return writer.bytes
    }

    private func sensor(
        _ register: RegisterState, of meter: MeterState, device: HomeAssistantDevice, into json: inout JSONWriter
    ) {
        // A history has no topic of its own.
        if case .list = register.value.value { return }
        let kind = HomeAssistantClass(register.value, medium: device.submeter?.medium, isLegacy: isLegacy)
        let code = register.value.obis.description.replacing(":", with: "_")
        let name = register.alias ?? register.value.obis.description
        let object = name.utf8.map { HomeAssistantDiscovery.isWord($0) ? Character(Unicode.Scalar($0)) : "_" }
        json.key(named: code)
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(device.identifier)_\(code)")
            entityID("sensor", "\(device.object)_\(String(object))", into: &json)
            json.member("name", register.alias.map(HomeAssistantDiscovery.title) ?? name)
            json.member("state_topic", meter.topics.obis.topic(register.value.obis.description))
            json.member("device_class", kind.deviceClass)
            json.member("state_class", kind.stateClass)
            json.member("unit_of_measurement", kind.unit)
            if let precision = kind.precision {
                json.key("suggested_display_precision")
                json.number(precision)
            }
        }
    }

    /// On while the newest reading says that something sent is not believed. What was only missing and was put in its place is
    /// no problem, or meters without a clock would show one for ever.
    private func problem(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.reading.isEnabled else { return }
        json.key("problem")
        json.object { json in
            json.member("platform", "binary_sensor")
            json.member("unique_id", "\(device.identifier)_problem")
            entityID("binary_sensor", "\(device.object)_problem", into: &json)
            json.member("name", "Problem")
            json.member("state_topic", meter.topics.reading)
            json.member(
                "value_template",
                "{{ 'ON' if value_json.fixes | selectattr('level', 'eq', 'doubt') | list else 'OFF' }}")
            json.member("device_class", "problem")
            json.member("entity_category", "diagnostic")
        }
    }

    /// Off until somebody wants it: a row in the recorder with every reading is not worth it for most.
    private func lastReading(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.state.isEnabled else { return }
        json.key("last_reading")
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(device.identifier)_last_reading")
            entityID("sensor", "\(device.object)_last_reading", into: &json)
            json.member("name", "Last reading")
            json.member("state_topic", meter.topics.state)
            json.member("value_template", "{{ value_json.time }}")
            json.member("device_class", "timestamp")
            json.member("entity_category", "diagnostic")
            json.key("enabled_by_default")
            json.flag(false)
        }
    }

    private func entityID(_ domain: String, _ object: String, into json: inout JSONWriter) {
        json.member("default_entity_id", "\(domain).\(object)")
        // What releases before 2025.10 read; later ones warn about it.
        if isLegacy { json.member("object_id", object) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// `energy_import_t1` as `Energy import T1`.
    static func title(_ alias: String) -> String {
        let words = alias.split(separator: "_").enumerated().map { index, word -> String in
            let isShort = word.count == 2 && ["l", "t", "q"].contains(word.prefix(1)) && word.last?.isNumber == true
            if isShort || word == "n" { return word.uppercased() }
            return index == 0 ? word.prefix(1).uppercased() + word.dropFirst() : String(word)
        }
        return words.joined(separator: " ")
    }
}

extension JSONWriter {
    /// Who made the message.
    mutating func origin(version: String) {
        key("origin")
        object { json in
            json.member("name", "obis-bridge")
            json.member("sw_version", version)
        }
    }

    /// Bridge and meter have both to be there.
    fileprivate mutating func availability(_ topics: [String?]) {
        let topics = topics.compactMap(\.self)
        guard !topics.isEmpty else { return }
        key("availability")
        array { json in for topic in topics { json.object { $0.member("topic", topic) } } }
        member("availability_mode", "all")
    }
}
