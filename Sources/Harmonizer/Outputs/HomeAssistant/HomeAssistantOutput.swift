// SPDX-License-Identifier: Apache-2.0

/// `home-assistant`: device-based MQTT discovery (Home Assistant 2024.11 and newer) of every meter, made from the registers
/// that were really seen. The states are the harmonised `obis` topics: nothing is published twice.
///
/// Identifiers and unique ids follow the serial, not the topic: when a meter is exchanged, the old device goes and a
/// new one arrives, and no statistics run from the old counter into the new one.
struct HomeAssistantOutput: ConfigurableOutput {
    static let name = "home-assistant"

    let context: OutputContext
    /// `homeassistant`, unless Home Assistant is configured with another prefix.
    let prefix: String
    /// True for releases before 2025.10: `object_id` is sent too, and no device class that they do not know.
    let isLegacy: Bool
    /// The names of entities.
    let names: HomeAssistantNames

    init?(_ options: inout YAMLReader, context: OutputContext) {
        self.context = context
        prefix = options.text("prefix") ?? "homeassistant"
        isLegacy = options.flag("legacy") ?? false
        let language = options.text("language") ?? "en"
        names = HomeAssistantNames(language) ?? .english
        if names.language != language {
            options.problems.error(
                options.node("language")?.mark ?? options.mark,
                "no names in the language \"\(language)\""
                    + NearestWord.hint(language, in: HomeAssistantNames.languages))
            return nil
        }
        if let fault = OutputTopic.fault(inFixed: prefix, of: prefix) {
            options.problems.error(options.node("prefix")?.mark ?? options.mark, fault)
            return nil
        }
        let topics = context.profile.topics
        if !topics.obis.isEnabled {
            options.problems.error(
                options.mark,
                "home-assistant reads the obis topics, which the profile switches off at "
                    + topics.obis.mark.lineReference)
            return nil
        }
    }

    var filters: [String] { ["\(prefix)/device/+/config"] }

    var birthTopic: String? { "\(prefix)/status" }

    func description(of meter: MeterState) -> [Publication] {
        guard meter.newest != nil else { return [] }
        var publications: [Publication] = []
        for device in HomeAssistantDevice.devices(of: meter, names: names) {
            let encoder = HomeAssistantDiscovery(context: context, isLegacy: isLegacy, names: names)
            publications.append(
                Publication(
                    topic: "\(prefix)/device/\(device.identifier)/config", payload: encoder.payload(device, of: meter),
                    qos: 1, isRetained: true))
        }
        return publications
    }

    func freshValues(of meter: MeterState, at now: Timestamp) -> [Publication] {
        let rule = context.profile.topics.obis
        return meter.registers.compactMap { register in
            guard !rule.keeps(register.value.obis), register.isFresh(at: now), let payload = register.value.bareValue
            else {
                return nil
            }
            return Publication(
                topic: meter.topics.topic(register.value.obis), payload: payload, qos: rule.qos,
                isRetained: false)
        }
    }

    func birth() -> [Publication] {
        let bridge = HomeAssistantBridge(context: context, names: names)
        return [
            Publication(
                topic: "\(prefix)/device/\(bridge.identifier)/config", payload: bridge.payload, qos: 1, isRetained: true
            )
        ]
    }
}
