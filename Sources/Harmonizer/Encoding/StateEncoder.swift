// SPDX-License-Identifier: Apache-2.0

/// `…/meter/<id>/state`: the newest value of every register, and the same flat by alias.
struct StateEncoder {
    let profile: Profile

    /// Nil before the first reading.
    func payload(_ meter: MeterState) -> [UInt8]? {
        guard let newest = meter.newest else { return nil }
        var writer = JSONWriter(capacity: 2048)
        writer.object { json in
            json.member("schema", profile.schema)
            json.member("meter", meter.id)
            json.member("name", meter.name)
            json.member("time", newest.time)
            json.member("time_source", newest.clock.rawValue)
            json.member("received", newest.received)
            // A restarted bridge has to know what is old also where the newest reading had no time of its own.
            if newest.clock == .bridge, let clock = meter.order.newest { json.member("clock", clock) }
            json.key("registers")
            json.object { json in
                for register in meter.registers {
                    json.key(register.value.obis.description)
                    json.register(register.value, time: register.time == newest.time ? nil : register.time)
                }
            }
            json.key("values")
            json.object { json in
                for register in meter.registers {
                    guard let alias = register.alias else { continue }
                    switch register.value.value {
                    case .number(let number):
                        json.key(alias)
                        json.number(number)
                    case .text(let text): json.member(alias, text)
                    case .list: break
                    }
                }
            }
        }
        return writer.bytes
    }
}
