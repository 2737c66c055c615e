// SPDX-License-Identifier: Apache-2.0

/// `…/meter/<id>/info`: what is known about a meter. A restarted bridge also learns from its `sources` which device is
/// which meter.
struct InfoEncoder {
    let profile: Profile

    func payload(_ meter: MeterState) -> [UInt8] {
        var writer = JSONWriter(capacity: 640 + 80 * meter.registers.count)
        writer.object { json in
            json.member("schema", profile.schema)
            json.member("meter", meter.id)
            json.member("name", meter.settings.name)
            json.member("role", meter.settings.role?.rawValue)
            json.member("serial", meter.serial)
            json.member("manufacturer", meter.instrument.model?.manufacturer)
            json.member("model", meter.instrument.model?.model)
            json.key("sources")
            json.array { json in for device in meter.devices { json.binding(device) } }
            if let interval = meter.publishedInterval {
                json.key("interval")
                json.number(ExactDecimal(interval.milliseconds, exponent: -3).rounded(toDecimals: 1))
            }
            if meter.isSent(Netting.Side.import.obis) || meter.isSent(Netting.Side.export.obis) {
                json.member("netting", meter.instrument.netting.kind.rawValue)
            }
            json.totals(meter.instrument.totals)
            if let names = meter.settings.tariffNames {
                json.key("tariff_names")
                json.object { json in for entry in names.entries { json.member(named: entry.tariff, entry.name) } }
            }
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
            if !meter.instrument.submeters.isEmpty {
                json.key("submeters")
                json.array { json in for submeter in meter.instrument.submeters { json.submeter(submeter) } }
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
                json.number(Int(clock.seconds))
            }
        }
    }

    /// The parts of the totals, as far as they are certain.
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

// MARK: - Read back

extension MeterState {
    /// Restores the facts of an `info`.
    mutating func restoreInfo(_ root: JSONValue, _ profile: Profile) {
        serial = root["serial"]?.text
        predecessor = PreviousMeter(root)
        if let interval = root["interval"]?.interval {
            self.interval = interval
            publishedInterval = interval
        }
        instrument.submeters = (root["submeters"]?.elements ?? root.elements).compactMap { member in
            guard let medium = member.value["medium"]?.text.flatMap({ Submeter.Medium(rawValue: $0) }),
                let channel = member.value["channel"]?.quotedDecimal.flatMap({ Int($0.description) })
            else { return nil }
            return Submeter(channel: channel, medium: medium, id: member.value["id"]?.text)
        }
        if let scales = root["scales"] {
            var powers: [Quantity: Int] = [:]
            for member in scales.members {
                guard let quantity = Quantity(rawValue: member.key.string), let factor = member.value.quotedDecimal,
                    factor.mantissa == 1, (-4...4).contains(factor.exponent), factor.exponent != 0
                else { continue }
                powers[quantity] = factor.exponent
            }
            self.scales.restore(powers)
        }
        if let kind = root["netting"]?.text.flatMap({ Netting.Kind(rawValue: $0) }) { instrument.netting.restore(kind) }
        // `state`, where there is one, has the parts that are not certain, and may come before or after.
        instrument.totals.restore(settled: root["tariffs"]?["import"], \.imported)
        instrument.totals.restore(settled: root["tariffs"]?["export"], \.exported)
        instrument.totals.restore(settled: root["phases"], \.phases)
        let model = MeterModel(manufacturer: root["manufacturer"]?.text, model: root["model"]?.text)
        if model != MeterModel() { self.instrument.model = model }
        // The broker may deliver `state` first.
        nameRegisters(profile)
    }
}

extension Totals {
    /// Restores what was certain. What `state` contains about the same parts is newer.
    fileprivate mutating func restore(settled numbers: JSONValue?, _ parts: WritableKeyPath<Totals, Parts>) {
        guard let numbers, self[keyPath: parts] == Parts() else { return }
        self[keyPath: parts] = Parts(members: numbers.elements.compactMap(\.value.count), steady: Parts.proof)
    }
}

extension PreviousMeter {
    fileprivate init?(_ info: JSONValue) {
        guard let member = info["previous"], let since = info["since"]?.instant else { return nil }
        let counters = (member["counters"]?.members ?? info.members).compactMap { counter -> RegisterValue? in
            guard let obis = OBISCode(counter.key.string), let value = counter.value.registerValue(isNumber: true)
            else {
                return nil
            }
            let unit = counter.value["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            return RegisterValue(obis: obis, value: value, unit: unit, time: counter.value["time"]?.instant)
        }
        self.init(meter: member["meter"]?.text, serial: member["serial"]?.text, counters: counters, since: since)
    }
}

// MARK: - Described

extension MessageSchemas {
    var info: JSONTree {
        let known: JSONTree = object(
            "A register that was seen.", required: [], [("alias", text), ("unit", text), ("description", text)])
        return object(
            "What is known about a meter.", required: ["schema", "meter", "sources", "registers"],
            [
                ("schema", reference("schema")), ("meter", reference("meter")), ("name", text),
                ("role", ["enum": .array(MeterRole.allCases.map { .text($0.rawValue) })]),
                ("tariff_names", ["type": "object", "additionalProperties": ["type": "string"]]),
                ("serial", ["description": "As received.", "type": "string"]), ("manufacturer", text),
                ("model", text),
                (
                    "sources",
                    [
                        "type": "array",
                        "items": object(
                            "A device that sends for this meter.", required: ["name", "device", "adapter", "topic"],
                            [
                                ("name", text), ("device", text), ("adapter", text), ("topic", text),
                                (
                                    "reads",
                                    [
                                        "description": "Another one when its numbers are read in another way.",
                                        "type": "string",
                                    ]
                                ),
                                ("fallback", ["description": "Another name of the device before.", "const": true]),
                                ("serials", ["type": "array", "items": text]),
                                ("clock", ["description": "Seconds by which its clock is off.", "type": "number"]),
                            ]),
                    ]
                ),
                ("since", ["allOf": [reference("time")], "description": "When the meter took the place of another."]),
                (
                    "previous",
                    object(
                        "The meter that was here before.", required: ["counters"],
                        [
                            ("meter", reference("meter")), ("serial", text),
                            ("counters", reference("registers")),
                        ])
                ),
                (
                    "scales",
                    [
                        "description": "Factors that were learned, by quantity.", "type": "object",
                        "additionalProperties": ["type": "number"],
                    ]
                ),
                ("interval", ["description": "Usual seconds between two readings.", "type": "number"]),
                (
                    "netting",
                    [
                        "description": "sum: one side of the power alone tells the net power. phases: it does not.",
                        "enum": ["sum", "phases", "unknown"],
                    ]
                ),
                (
                    "tariffs",
                    object(
                        "The tariffs that the total energies are made of.", required: [],
                        [("import", numbers), ("export", numbers)])
                ),
                ("phases", numbers),
                ("registers", ["type": "object", "additionalProperties": known]),
                (
                    "submeters",
                    [
                        "type": "array",
                        "items": object(
                            "A device on the meter's M-Bus.", required: ["channel", "medium"],
                            [("channel", ["type": "integer"]), ("medium", text), ("id", text)]),
                    ]
                ),
                (
                    "translations",
                    [
                        "description": "Exact and expected translations, said once.", "type": "array",
                        "items": ["type": "object", "required": ["kind"]],
                    ]
                ),
            ])
    }
}
