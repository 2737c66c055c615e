// SPDX-License-Identifier: Apache-2.0

/// The discovery message of one device (home-assistant.io/integrations/mqtt, "Device discovery payload").
struct HomeAssistantDiscovery {
    let context: OutputContext
    let isLegacy: Bool
    let names: HomeAssistantNames

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
                    json.member("manufacturer", meter.instrument.model?.manufacturer.map(Self.manufacturer))
                    json.member("model", meter.instrument.model?.model.flatMap(Self.model))
                    json.member("serial_number", meter.serial)
                    json.member("via_device", HomeAssistantBridge(context: context, names: names).identifier)
                } else {
                    json.member("serial_number", device.submeter?.id)
                    json.member("via_device", HomeAssistantDevice.devices(of: meter, names: names)[0].identifier)
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
                for register in device.registers {
                    sensor(register, of: meter, device: device, into: &json)
                    if register.value.obis.isDemandMaximum { timeOfMaximum(register, of: meter, device, into: &json) }
                }
                if device.submeter == nil {
                    tariffName(device, of: meter, into: &json)
                    demand(device, of: meter, into: &json)
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
        let obis = register.value.obis
        // The history of the months is in `state`; another list has no form that a sensor could show.
        if case .list = register.value.value, !obis.isDemandHistory { return }
        let kind = HomeAssistantClass(
            register.value, isCounter: context.profile.isCounter(obis), medium: device.submeter?.medium ?? obis.medium,
            isLegacy: isLegacy)
        let code = obis.description.replacing(":", with: "_")
        let alias = register.alias ?? obis.homeAssistantAlias
        let words = alias ?? obis.description
        let object = words.utf8.map { HomeAssistantDiscovery.isWord($0) ? Character(Unicode.Scalar($0)) : "_" }
        json.key(named: code)
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(device.identifier)_\(code)")
            entityID("sensor", "\(device.object)_\(String(object))", into: &json)
            json.member(
                "name", alias.map { names.register($0, channel: device.submeter == nil) } ?? obis.description)
            if obis.isDemandHistory {
                history(obis, of: meter, into: &json)
            } else {
                json.member("state_topic", meter.topics.topic(obis))
                json.member("value_template", kind.template)
            }
            json.member("device_class", kind.deviceClass)
            json.member("state_class", kind.stateClass)
            json.member("unit_of_measurement", kind.unit)
            if !kind.options.isEmpty {
                json.key("options")
                json.array { json in for option in kind.options { json.string(option) } }
            }
            if let precision = kind.precision {
                json.key("suggested_display_precision")
                json.number(precision)
            }
            if kind.isDiagnostic { json.member("entity_category", "diagnostic") }
            if !kind.isEnabled {
                json.key("enabled_by_default")
                json.flag(false)
            }
        }
    }

    /// The newest month as the state, all of them as an attribute.
    private func history(_ obis: OBISCode, of meter: MeterState, into json: inout JSONWriter) {
        let list = "value_json['registers']['\(obis)']['list']"
        json.member("state_topic", meter.topics.state)
        json.member("value_template", "{{ (\(list) | last)['value'] }}")
        json.member("json_attributes_topic", meter.topics.state)
        json.member("json_attributes_template", "{{ {'months': \(list)} | tojson }}")
    }

    /// When the highest quarter-hour was.
    private func timeOfMaximum(
        _ register: RegisterState, of meter: MeterState, _ device: HomeAssistantDevice, into json: inout JSONWriter
    ) {
        guard context.profile.topics.state.isEnabled, let alias = register.alias else { return }
        let obis = register.value.obis
        let code = obis.description.replacing(":", with: "_") + "_time"
        json.key(named: code)
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(device.identifier)_\(code)")
            entityID("sensor", "\(device.object)_\(alias)_time", into: &json)
            json.member("name", names.register("\(alias)_time"))
            json.member("state_topic", meter.topics.state)
            json.member(
                "value_template", "{{ value_json['registers']['\(obis)'].get('time', value_json['time']) }}")
            json.member("device_class", "timestamp")
        }
    }

    /// On while `state` has a held value: something was sent that is not believed. It follows the meter and not the
    /// newest message, which may contain other registers.
    private func problem(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.state.isEnabled else { return }
        json.key("problem")
        json.object { json in
            json.member("platform", "binary_sensor")
            json.member("unique_id", "\(device.identifier)_problem")
            entityID("binary_sensor", "\(device.object)_problem", into: &json)
            json.member("name", names.word("problem"))
            json.member("state_topic", meter.topics.state)
            json.member(
                "value_template",
                "{{ 'ON' if value_json['registers'].values() | selectattr('quality', 'defined') "
                    + "| selectattr('quality', 'eq', 'held') | list else 'OFF' }}")
            json.member("device_class", "problem")
            json.member("entity_category", "diagnostic")
        }
    }

    /// Disabled until the user enables it: for most people it is not worth a row in the recorder with every reading.
    private func lastReading(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.state.isEnabled else { return }
        json.key("last_reading")
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(device.identifier)_last_reading")
            entityID("sensor", "\(device.object)_last_reading", into: &json)
            json.member("name", names.word("last_reading"))
            json.member("state_topic", meter.topics.state)
            json.member("value_template", "{{ value_json.time }}")
            json.member("device_class", "timestamp")
            json.member("entity_category", "diagnostic")
            json.key("enabled_by_default")
            json.flag(false)
        }
    }

    func entityID(_ domain: String, _ object: String, into json: inout JSONWriter) {
        json.member("default_entity_id", "\(domain).\(object)")
        // What releases before 2025.10 read; later ones warn about it.
        if isLegacy { json.member("object_id", object) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// The manufacturer's name for the three letters of a P1 header (dlms.com's list of manufacturers).
    private static func manufacturer(_ code: String) -> String {
        let names = [
            "ADN": "Aidon", "AUX": "Aux", "EBZ": "eBZ", "EMH": "EMH metering", "ENE": "Enel X", "ESY": "EasyMeter",
            "ELS": "Elster", "ENO": "Ensor", "FLU": "Fluvius", "HWE": "HomeWizard", "ISK": "Iskraemeco", "ITR": "Itron",
            "KAM": "Kamstrup", "KFM": "Kaifa", "KMP": "Kamstrup", "LGF": "Landis+Gyr", "LGZ": "Landis+Gyr",
            "LUX": "Luxmetering", "SAG": "Sagemcom", "SAN": "Sanxing", "XMX": "Xemex", "ZIV": "ZIV",
        ]
        return names[code.uppercased()] ?? code
    }

    /// `ISK5\\2M550T-1012` as `2M550T-1012`; nil when the rest of a header is the meter's number.
    private static func model(_ header: String) -> String? {
        let name = header.split(separator: "\\").last.map(String.init) ?? header
        var digits = 0
        for character in name {
            digits = character.isNumber ? digits + 1 : 0
            // `253769484_A` of a Fluvius header is not a model.
            if digits == 7 { return nil }
        }
        return name
    }
}

extension OBISCode {
    /// The name of a register for which the profile has none.
    fileprivate var homeAssistantAlias: String? {
        guard isSwitch else { return nil }
        return c == 24 ? "valve" : "breaker"
    }
}

extension JSONWriter {
    /// The program that made the message.
    mutating func origin(version: String) {
        key("origin")
        object { json in
            json.member("name", "obis-bridge")
            json.member("sw_version", version)
        }
    }

    /// Both the bridge and the meter have to be online.
    fileprivate mutating func availability(_ topics: [String?]) {
        let topics = topics.compactMap(\.self)
        guard !topics.isEmpty else { return }
        key("availability")
        array { json in for topic in topics { json.object { $0.member("topic", topic) } } }
        member("availability_mode", "all")
    }
}
