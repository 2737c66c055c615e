// SPDX-License-Identifier: Apache-2.0

/// The bridge itself as a device in Home Assistant, with what an operator wants to see.
struct HomeAssistantBridge {
    let context: OutputContext

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
                guard topics.status.isEnabled else { return }
                json.key("connection")
                json.object { json in
                    json.member("platform", "binary_sensor")
                    json.member("unique_id", "\(identifier)_connection")
                    json.member("default_entity_id", "binary_sensor.\(object)_connection")
                    json.member("name", "Connection")
                    // Without availability: `offline` is what it shows.
                    json.member("state_topic", topics.status.topic(["bridge": context.bridge]))
                    json.member("payload_on", "online")
                    json.member("payload_off", "offline")
                    json.member("device_class", "connectivity")
                    json.member("entity_category", "diagnostic")
                }
            }
        }
        return writer.bytes
    }

    private var object: String { identifier.lowercased().replacing("-", with: "_") }
}
