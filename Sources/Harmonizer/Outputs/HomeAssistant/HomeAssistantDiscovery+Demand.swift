// SPDX-License-Identifier: Apache-2.0

// What a meter's quarter-hour demand is expected to come to and what a year's peaks are on average: values without a code, which
// stand in `state` alone.
extension HomeAssistantDiscovery {
    func demand(_ device: HomeAssistantDevice, of meter: MeterState, into json: inout JSONWriter) {
        guard context.profile.topics.state.isEnabled, meter.demandFloor != nil else { return }
        for named in NamedValue.demand {
            json.key(named: named.alias)
            json.object { json in
                json.member("platform", "sensor")
                json.member("unique_id", "\(device.identifier)_\(named.alias)")
                entityID("sensor", "\(device.object)_\(named.alias)", into: &json)
                json.member("name", names.register(named.alias))
                json.member("state_topic", meter.topics.state)
                // None where it is absent, which Home Assistant shows as unknown.
                json.member("value_template", "{{ value_json['values'].get('\(named.alias)') }}")
                json.member("device_class", "power")
                json.member("state_class", "measurement")
                let unit = context.profile.register(named.register)?.units.first ?? Unit("W")
                json.member("unit_of_measurement", unit?.symbol)
                json.key("suggested_display_precision")
                json.number(0)
            }
        }
    }
}
