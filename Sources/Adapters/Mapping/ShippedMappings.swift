// SPDX-License-Identifier: Apache-2.0

/// The mappings of `Profiles/mappings`, which are inside the program: a new one is one file there and one line here.
enum ShippedMappings {
    /// Name and YAML; where several know a topic equally well, the first is proposed.
    static let files: [(name: String, yaml: [UInt8])] = [
        ("amsreader", PackageResources.amsreader_yaml),
        ("dsmr-logger", PackageResources.dsmr_logger_yaml),
        ("dsmr-reader", PackageResources.dsmr_reader_yaml),
        ("dsmr2mqtt", PackageResources.dsmr2mqtt_yaml),
        ("esp8266-dsmr", PackageResources.esp8266_dsmr_yaml),
        ("esp8266-p1meter", PackageResources.esp8266_p1meter_yaml),
        ("esp8266-p1meter-be", PackageResources.esp8266_p1meter_be_yaml),
        ("esphome", PackageResources.esphome_yaml),
        ("homewizard", PackageResources.homewizard_yaml),
        ("netduino", PackageResources.netduino_yaml),
        ("on4abr", PackageResources.on4abr_yaml),
        ("p1-mqtt", PackageResources.p1_mqtt_yaml),
        ("p1-smartmeter", PackageResources.p1_smartmeter_yaml),
        ("p1-to-mqtt", PackageResources.p1_to_mqtt_yaml),
        ("p1-wifi-gateway", PackageResources.p1_wifi_gateway_yaml),
        ("p1reader-mqtt", PackageResources.p1reader_mqtt_yaml),
        ("plan-d", PackageResources.plan_d_yaml),
        ("smartmeter2mqtt", PackageResources.smartmeter2mqtt_yaml),
    ]
}

extension FieldMapping {
    /// The mappings that come with the program.
    public static let shipped: [FieldMapping] = ShippedMappings.files.map { file in
        do {
            return try load(yaml: String(decoding: file.yaml, as: UTF8.self), path: file.name + ".yaml")
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// A mapping by its name; nil when none has it.
    public static func shipped(named name: String) -> FieldMapping? { shipped.first { $0.name == name } }

    /// The mapping of a `json` source that names none; it reads nothing.
    static let empty = FieldMapping(name: "json", summary: "", filters: [], endings: [], pointed: [], named: [:])
}
