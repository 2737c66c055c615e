// SPDX-License-Identifier: Apache-2.0

/// `…/meter/<id>/info`: what is known about a meter. Its `sources` are also how a restarted bridge knows which device is
/// which meter.
struct InfoEncoder {
    let profile: Profile

    func payload(_ meter: MeterState) -> [UInt8] {
        var writer = JSONWriter(capacity: 640 + 80 * meter.registers.count)
        writer.object { json in
            json.member("schema", profile.schema)
            json.member("meter", meter.id)
            json.member("name", meter.name)
            json.member("serial", meter.serial)
            json.member("manufacturer", meter.model?.manufacturer)
            json.member("model", meter.model?.model)
            json.key("sources")
            json.array { json in for device in meter.devices { json.binding(device) } }
            if let interval = meter.publishedInterval {
                json.key("interval")
                json.number(ExactDecimal(interval, exponent: -3).rounded(toDecimals: 1))
            }
            if meter.isSent(Netting.Side.import.obis) || meter.isSent(Netting.Side.export.obis) {
                json.member("netting", meter.netting.kind.rawValue)
            }
            json.totals(meter.totals)
            json.key("registers")
            json.object { json in
                for register in meter.registers { json.description(of: register, in: profile) }
            }
            if let previous = meter.predecessor {
                json.member("since", previous.since)
                json.key("previous")
                json.object { json in
                    json.member("meter", previous.meter)
                    json.member("serial", previous.serial)
                    json.key("counters")
                    json.object { json in
                        for counter in previous.counters {
                            json.register(counter, time: counter.time)
                        }
                    }
                }
            }
            if !meter.submeters.isEmpty {
                json.key("submeters")
                json.array { json in for submeter in meter.submeters { json.submeter(submeter) } }
            }
            if !meter.scales.certain.isEmpty {
                json.key("scales")
                json.object { json in
                    for (quantity, power) in meter.scales.certain.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                        json.key(named: quantity.rawValue)
                        json.number(ExactDecimal(1, exponent: power))
                    }
                }
            }
            if !meter.translations.isEmpty {
                json.key("translations")
                json.array { json in for translation in meter.translations { json.translation(translation) } }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func binding(_ binding: MeterState.Binding) {
        object { json in
            json.member("name", binding.source)
            json.member("device", binding.device)
            json.member("adapter", binding.adapter)
            json.member("topic", binding.topic)
            if !binding.reads.isEmpty { json.member("reads", binding.reads) }
            if binding.isFallback {
                json.key("fallback")
                json.flag(true)
            }
            if !binding.serials.isEmpty {
                json.key("serials")
                json.array { json in for serial in binding.serials { json.string(serial) } }
            }
            if let clock = binding.clock {
                json.key("clock")
                json.number(Int(clock))
            }
        }
    }

    /// What the totals are made of, as far as it is certain.
    fileprivate mutating func totals(_ totals: Totals) {
        func numbers(_ name: StaticString, _ parts: Parts, _ json: inout JSONWriter) {
            guard parts.isSettled else { return }
            json.key(name)
            json.array { json in for number in Parts.numbers(parts.members) { json.number(number) } }
        }
        if totals.imported.isSettled || totals.exported.isSettled {
            key("tariffs")
            object { json in
                numbers("import", totals.imported, &json)
                numbers("export", totals.exported, &json)
            }
        }
        numbers("phases", totals.phases, &self)
    }

    fileprivate mutating func description(of register: RegisterState, in profile: Profile) {
        key(register.value.obis)
        object { json in
            json.member("alias", register.alias)
            json.member("unit", register.value.unit?.symbol)
            json.member("description", profile.register(register.value.obis)?.description)
        }
    }

    fileprivate mutating func submeter(_ submeter: Submeter) {
        object { json in
            json.key("channel")
            json.number(submeter.channel)
            json.member("medium", submeter.medium.rawValue)
            json.member("id", submeter.id)
        }
    }

    fileprivate mutating func translation(_ translation: Translation) {
        object { json in
            switch translation {
            case .unit(let obis, let from, let to):
                json.member("kind", "unit")
                json.member("field", obis.description)
                json.member("from", from.symbol)
                json.member("to", to.symbol)
            case .channel(let received, let published):
                json.member("kind", "channel")
                json.member("from", received.description)
                json.member("to", published.description)
            case .zone(let zone):
                json.member("kind", "zone")
                json.member("zone", zone)
            case .decodedID(let received):
                json.member("kind", "id.decoded")
                json.member("from", received)
            case .alias(let received, let by):
                json.member("kind", "id.alias")
                json.member("from", received)
                json.member("by", by)
            case .transformers(let factor):
                json.member("kind", "ct")
                json.key("factor")
                json.number(factor)
            case .magnitude(let obis):
                json.member("kind", "magnitude")
                json.member("field", obis.description)
            case .unlimited(let obis):
                json.member("kind", "unlimited")
                json.member("field", obis.description)
            case .labels(let name, let guessed):
                json.member("kind", "labels")
                json.member("labels", name)
                json.key("guessed")
                json.flag(guessed)
            }
        }
    }
}
