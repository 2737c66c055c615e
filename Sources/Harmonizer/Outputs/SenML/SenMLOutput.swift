// SPDX-License-Identifier: Apache-2.0

/// `senml`: one SenML pack per reading (RFC 8428), with the units of its registry and of RFC 8798.
struct SenMLOutput: ConfigurableOutput {
    static let name = "senml"

    /// The topic, with `{meter}`.
    let topic: String
    let qos: UInt8

    init?(_ options: inout YAMLReader, context: OutputContext) {
        topic = options.text("topic") ?? "senml/{meter}"
        qos = UInt8(options.number("qos", in: 0...1) ?? 1)
        if let fault = OutputTopic.fault(in: topic, needs: ["meter"]) {
            options.problems.error(options.node("topic")?.mark ?? options.mark, fault)
            return nil
        }
    }

    var filters: [String] { [OutputTopic.filter(topic)] }

    func publications(of reading: Reading, meter: MeterState) -> [Publication] {
        var writer = JSONWriter(capacity: 1024)
        var isFirst = true
        writer.array { json in
            for register in reading.registers {
                if case .list = register.value { continue }
                json.object { json in
                    if isFirst {
                        // RFC 8428, 4.5.3: a name begins with a letter or digit; an id that a user gave may begin
                        // otherwise.
                        json.member("bn", "meter:\(meter.id):")
                        json.key("bt")
                        json.number(reading.time.decimalSeconds)
                        isFirst = false
                    }
                    record(register, of: reading, into: &json)
                }
            }
        }
        guard !isFirst else { return [] }
        return [
            Publication(
                topic: topic.replacing("{meter}", with: meter.id), payload: writer.bytes, qos: qos, isRetained: false)
        ]
    }

    private func record(_ register: RegisterValue, of reading: Reading, into json: inout JSONWriter) {
        json.member("n", register.obis.description)
        switch register.value {
        case .number(let number):
            let (unit, power) = Self.unit(register.unit)
            json.member("u", unit)
            json.key("v")
            json.number(number.scaled(byPowerOfTen: power))
        case .text(let text): json.member("vs", text)
        case .list: break
        }
        // Times of records add to the base time.
        if let time = register.time, let offset = time.decimalSeconds.subtracting(reading.time.decimalSeconds) {
            json.key("t")
            json.number(offset)
        }
    }

    /// The registered unit, and the power of ten to it; no symbol for a unit that is not registered.
    static func unit(_ unit: Unit?) -> (symbol: String?, power: Int) {
        guard let unit else { return (nil, 0) }
        switch unit.symbol {
        case "m³": return ("m3", 0)
        case "dm³": return ("l", 0)
        case "GJ": return ("J", 9)
        case "MJ": return ("J", 6)
        case "°C": return ("Cel", 0)
        case "°": return ("deg", 0)
        case "1": return ("/", 0)
        case "MWh", "Mvarh", "MVAh", "MVA", "Mvar":
            return (unit.symbol.replacing("M", with: "k"), 3)
        case "kV", "kA", "kHz": return (String(unit.symbol.dropFirst()), 3)
        case "Wh", "kWh", "varh", "kvarh", "VAh", "kVAh", "W", "kW", "MW", "var", "kvar", "VA", "kVA", "V", "mV", "A",
            "mA", "Hz", "s", "rad":
            return (unit.symbol, 0)
        default: return (nil, 0)
        }
    }
}

extension Timestamp {
    /// Seconds since 1970 with the fraction, exactly.
    var decimalSeconds: ExactDecimal {
        let whole = ExactDecimal(seconds)
        return whole.adding(ExactDecimal(Int64(microseconds), exponent: -6)) ?? whole
    }
}
