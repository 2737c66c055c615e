// SPDX-License-Identifier: Apache-2.0

/// The bridge itself as a device in Home Assistant, with what an operator wants to see.
struct HomeAssistantBridge {
    let context: OutputContext
    let names: HomeAssistantNames

    /// `obis_bridge_harm-0`.
    var identifier: String {
        let fits = context.bridge.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
        return "obis_bridge_" + (fits ? context.bridge : MeterID.fitted(context.bridge, hashing: [context.bridge]))
    }

    var payload: [UInt8] {
        let topics = context.profile.topics
        var writer = JSONWriter(capacity: 1024)
        writer.object { json in
            json.key("device")
            json.object { json in
                json.key("identifiers")
                json.array { $0.string(identifier) }
                json.member("name", "obis-bridge \(context.bridge)")
                json.member("model", "obis-bridge")
                json.member("sw_version", context.version)
            }
            json.origin(version: context.version)
            json.key("qos")
            json.number(1)
            json.key("components")
            json.object { json in
                if topics.status.isEnabled { connection(into: &json) }
                if topics.health.isEnabled { for sensor in Self.sensors { diagnostic(sensor, into: &json) } }
            }
        }
        return writer.bytes
    }

    private func connection(into json: inout JSONWriter) {
        json.key("connection")
        json.object { json in
            json.member("platform", "binary_sensor")
            json.member("unique_id", "\(identifier)_connection")
            json.member("default_entity_id", "binary_sensor.\(object)_connection")
            json.member("name", names.word("connection"))
            // Without availability: the entity itself shows `offline`.
            json.member("state_topic", context.profile.topics.status.topic(["bridge": context.bridge]))
            json.member("payload_on", "online")
            json.member("payload_off", "offline")
            json.member("device_class", "connectivity")
            json.member("entity_category", "diagnostic")
        }
    }

    /// A member of `health` as a sensor.
    private struct Sensor {
        var key: String
        var template: String
        var deviceClass: String?
        var stateClass: String?
        var unit: String?
        /// False for a value that changes with every message: its entity is disabled until the user enables it, because
        /// each change is a row in the recorder.
        var isEnabled = true
    }

    private static let sensors = [
        Sensor(
            key: "received", template: "value_json.received", stateClass: "total_increasing", isEnabled: false),
        Sensor(
            key: "rejects", template: "value_json.rejected.values() | sum", stateClass: "total_increasing"),
        Sensor(
            key: "fixes", template: "value_json.fixes.values() | sum", stateClass: "total_increasing",
            isEnabled: false),
        Sensor(key: "meters", template: "value_json.meters.online", stateClass: "measurement"),
        Sensor(
            key: "memory", template: "(value_json.memory / 1000000) | round(1)", deviceClass: "data_size",
            stateClass: "measurement", unit: "MB", isEnabled: false),
        Sensor(key: "started", template: "value_json.started", deviceClass: "timestamp"),
    ]

    /// The key of a sensor's name, when that is not the sensor's key.
    private static let words = ["received": "messages", "meters": "meters_online"]

    private func diagnostic(_ sensor: Sensor, into json: inout JSONWriter) {
        let topics = context.profile.topics
        json.key(named: sensor.key)
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(identifier)_\(sensor.key)")
            json.member("default_entity_id", "sensor.\(object)_\(sensor.key)")
            json.member("name", names.word(Self.words[sensor.key] ?? sensor.key))
            json.member("state_topic", topics.health.topic(["bridge": context.bridge]))
            json.member("value_template", "{{ \(sensor.template) }}")
            json.member("device_class", sensor.deviceClass)
            json.member("state_class", sensor.stateClass)
            json.member("unit_of_measurement", sensor.unit)
            json.member("entity_category", "diagnostic")
            if !sensor.isEnabled {
                json.key("enabled_by_default")
                json.flag(false)
            }
            if topics.status.isEnabled {
                json.key("availability")
                json.array { $0.object { $0.member("topic", topics.status.topic(["bridge": context.bridge])) } }
            }
        }
    }

    private var object: String { identifier.lowercased().replacing("-", with: "_") }
}
