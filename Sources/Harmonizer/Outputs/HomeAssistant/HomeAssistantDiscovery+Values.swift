// SPDX-License-Identifier: Apache-2.0

// Values without a code, which are in `state` alone.
extension HomeAssistantDiscovery {
    /// The name of the tariff in force.
    func tariffName(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.state.isEnabled, let names = meter.settings.tariffNames,
            meter.register(TariffNames.register) != nil
        else { return }
        value(TariffNames.alias, device, of: meter, into: &json) { json in
            json.member("device_class", "enum")
            json.key("options")
            json.array { json in for name in names.names { json.string(name) } }
        }
    }

    /// The expected quarter-hour demand of a meter, and the mean of a year's peaks.
    func demand(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.state.isEnabled, meter.settings.demandFloor != nil else { return }
        for named in NamedValue.demand {
            value(named.alias, device, of: meter, into: &json) { json in
                json.member("device_class", "power")
                json.member("state_class", "measurement")
                let unit = context.profile.register(named.register)?.units.first ?? Unit("W")
                json.member("unit_of_measurement", unit?.symbol)
                json.key("suggested_display_precision")
                json.number(0)
            }
        }
    }

    private func value(
        _ alias: String, _ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter,
        _ details: (inout JSONWriter) -> Void
    ) {
        json.key(named: alias)
        json.object { json in
            json.member("platform", "sensor")
            json.member("unique_id", "\(device.identifier)_\(alias)")
            entityID("sensor", "\(device.object)_\(alias)", into: &json)
            json.member("name", names.register(alias))
            json.member("state_topic", meter.topics.state)
            // None when it is absent, which Home Assistant shows as unknown.
            json.member("value_template", "{{ value_json['values'].get('\(alias)') }}")
            details(&json)
        }
    }
}
