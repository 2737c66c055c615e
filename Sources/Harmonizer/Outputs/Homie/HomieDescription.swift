// SPDX-License-Identifier: Apache-2.0

/// `$description`: what a Homie device is.
struct HomieDescription {
    let context: OutputContext

    func payload(_ meter: MeterState) -> [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        var content = JSONWriter(capacity: 2048)
        body(meter, into: &content)
        writer.object { json in
            json.member("homie", "5.0")
            json.key("version")
            json.number(Self.version(of: content.bytes))
            json.member("name", meter.settings.name ?? meter.serial ?? meter.id)
            json.member("root", HomieOutput.identifier(HomieOutput.bridgeID(context)))
            json.member("parent", HomieOutput.identifier(HomieOutput.bridgeID(context)))
            body(meter, into: &json)
        }
        return writer.bytes
    }

    /// The root: the bridge. Which meters there are changes; a controller finds them by their own descriptions.
    var rootPayload: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        writer.object { json in
            json.member("homie", "5.0")
            json.key("version")
            json.number(1)
            json.member("name", "obis-bridge \(context.bridge)")
        }
        return writer.bytes
    }

    /// A number that changes with the content, as the convention requires.
    private static func version(of content: [UInt8]) -> Int {
        var checksum = Checksum()
        checksum.combine(content)
        return Int(checksum.value & 0x7fff_ffff)
    }

    private func body(_ meter: MeterState, into json: inout JSONWriter) {
        json.key("nodes")
        json.object { json in
            json.key("registers")
            json.object { json in
                json.member("name", "Registers")
                json.key("properties")
                json.object { json in
                    for register in meter.registers { property(register, into: &json) }
                }
            }
        }
    }

    private func property(_ register: RegisterState, into json: inout JSONWriter) {
        let datatype: String
        switch register.value.value {
        case .number: datatype = "float"
        case .text: datatype = "string"
        case .list: return  // a history is not a property
        }
        json.key(named: HomieOutput.property(register.value.obis))
        json.object { json in
            let known = context.profile.register(register.value.obis)?.description
            json.member("name", known ?? register.alias ?? register.value.obis.description)
            json.member("datatype", datatype)
            if let unit = register.value.unit, unit.dimension != .ratio { json.member("unit", unit.symbol) }
            if register.value.obis.isInstantaneous {
                json.key("retained")
                json.flag(false)
            }
        }
    }
}
