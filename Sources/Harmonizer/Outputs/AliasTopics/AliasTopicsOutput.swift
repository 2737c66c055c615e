// SPDX-License-Identifier: Apache-2.0

/// `alias-topics`: one bare value per topic, by alias, below a root that the user chooses:
/// `smarthome/house/energy_import` `12345.678`. For programs whose topics are already configured somewhere.
struct AliasTopicsOutput: ConfigurableOutput {
    static let name = "alias-topics"

    /// The topic, with `{meter}` and `{alias}`.
    let topic: String
    let qos: UInt8
    let retain: TopicRule.Retain

    init?(_ options: inout YAMLReader, context: OutputContext) {
        topic = options.text("topic") ?? "meters/{meter}/{alias}"
        qos = UInt8(options.number("qos", in: 0...1) ?? 1)
        retain = options.choice("retain", of: TopicRule.Retain.self) ?? .counters
        let mark = options.node("topic")?.mark ?? options.mark
        let fault = OutputTopic.fault(in: topic, needs: ["meter", "alias"])
        if let fault {
            options.problems.error(mark, fault)
            return nil
        }
    }

    var filters: [String] { [OutputTopic.filter(topic)] }

    func publications(of reading: Reading, meter: MeterState) -> [Publication] {
        reading.registers.compactMap { register in
            guard let alias = meter.register(register.obis)?.alias, let payload = register.bareValue else { return nil }
            return Publication(
                topic: topic.replacing("{meter}", with: meter.id).replacing("{alias}", with: alias),
                payload: payload, qos: qos, isRetained: retain.keeps(register.obis))
        }
    }
}
