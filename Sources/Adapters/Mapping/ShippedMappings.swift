// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The mappings of `Profiles/mappings`, which are inside the program: a new one is one file there and one line here.
enum ShippedMappings {
    /// Name and YAML; where several know a topic equally well, the first is proposed.
    static let files: [(name: String, yaml: [UInt8])] = [
        ("ai-on-the-edge", PackageResources.ai_on_the_edge_yaml),
        ("ai-on-the-edge-electricity", PackageResources.ai_on_the_edge_electricity_yaml),
        ("ai-on-the-edge-gas", PackageResources.ai_on_the_edge_gas_yaml),
        ("amis", PackageResources.amis_yaml),
        ("amsreader", PackageResources.amsreader_yaml),
        ("dlms-meter-json", PackageResources.dlms_meter_json_yaml),
        ("dsmr-logger", PackageResources.dsmr_logger_yaml),
        ("dsmr-reader", PackageResources.dsmr_reader_yaml),
        ("dsmr2mqtt", PackageResources.dsmr2mqtt_yaml),
        ("emon", PackageResources.emon_yaml),
        ("esp8266-dsmr", PackageResources.esp8266_dsmr_yaml),
        ("esp8266-p1meter", PackageResources.esp8266_p1meter_yaml),
        ("esp8266-p1meter-be", PackageResources.esp8266_p1meter_be_yaml),
        ("esphome", PackageResources.esphome_yaml),
        ("evcc", PackageResources.evcc_yaml),
        ("everblu", PackageResources.everblu_yaml),
        ("evn-kaifa", PackageResources.evn_kaifa_yaml),
        ("fluvius2mqtt", PackageResources.fluvius2mqtt_yaml),
        ("glow", PackageResources.glow_yaml),
        ("gplug-mini", PackageResources.gplug_mini_yaml),
        ("homewizard", PackageResources.homewizard_yaml),
        ("iobroker-smartmeter", PackageResources.iobroker_smartmeter_yaml),
        ("kamstrup", PackageResources.kamstrup_yaml),
        ("mbmd", PackageResources.mbmd_yaml),
        ("netduino", PackageResources.netduino_yaml),
        ("on4abr", PackageResources.on4abr_yaml),
        ("openwb", PackageResources.openwb_yaml),
        ("p1-monitor", PackageResources.p1_monitor_yaml),
        ("p1-mqtt", PackageResources.p1_mqtt_yaml),
        ("p1-smartmeter", PackageResources.p1_smartmeter_yaml),
        ("p1-to-mqtt", PackageResources.p1_to_mqtt_yaml),
        ("p1-wifi-gateway", PackageResources.p1_wifi_gateway_yaml),
        ("p1reader-mqtt", PackageResources.p1reader_mqtt_yaml),
        ("plan-d", PackageResources.plan_d_yaml),
        ("rtlamr2mqtt", PackageResources.rtlamr2mqtt_yaml),
        ("shelly", PackageResources.shelly_yaml),
        ("shelly-3em", PackageResources.shelly_3em_yaml),
        ("shelly-em", PackageResources.shelly_em_yaml),
        ("shrdzm", PackageResources.shrdzm_yaml),
        ("smartmeter-gateway", PackageResources.smartmeter_gateway_yaml),
        ("smartmeter2mqtt", PackageResources.smartmeter2mqtt_yaml),
        ("sml2mqtt", PackageResources.sml2mqtt_yaml),
        ("tasmota-energy", PackageResources.tasmota_energy_yaml),
        ("teleinfo", PackageResources.teleinfo_yaml),
        ("tibber-pulse-reader", PackageResources.tibber_pulse_reader_yaml),
        ("venus-grid-json", PackageResources.venus_grid_json_yaml),
        ("victron", PackageResources.victron_yaml),
        ("vzlogger", PackageResources.vzlogger_yaml),
        ("vzlogger-d0", PackageResources.vzlogger_d0_yaml),
        ("whatwatt", PackageResources.whatwatt_yaml),
        ("wmbusmeters", PackageResources.wmbusmeters_yaml),
        ("zigbee2mqtt", PackageResources.zigbee2mqtt_yaml),
        ("zlinky", PackageResources.zlinky_yaml),
    ]
}

extension FieldMapping {
    /// The mappings that come with the program. `discover` looks at all of them; a bridge reads those of its sources alone.
    public static let shipped: [FieldMapping] = ShippedMappings.files.map { shipped($0.name, $0.yaml) }

    /// Their names, without reading them.
    public static let shippedNames = ShippedMappings.files.map(\.name)

    /// A mapping by its name; nil when none has it.
    public static func shipped(named name: String) -> FieldMapping? {
        ShippedMappings.files.first { $0.name == name }.map { shipped($0.name, $0.yaml) }
    }

    private static func shipped(_ name: String, _ yaml: [UInt8]) -> FieldMapping {
        if let known = read.withLock({ $0[name] }) { return known }
        do {
            var mapping = try load(yaml: String(decoding: yaml, as: UTF8.self), path: name + ".yaml")
            mapping.isShipped = true
            return read.withLock { [mapping] known in
                known[name] = mapping
                return mapping
            }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Those that were read, each once.
    private static let read = Mutex<[String: FieldMapping]>([:])

    /// The mapping of a `json` source that names none; it reads nothing.
    static let empty = FieldMapping(name: MappedAdapter.general)
}
