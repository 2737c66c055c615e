// SPDX-License-Identifier: Apache-2.0

/// `…/meter/<id>/reading`: what one telegram brought, with its provenance.
struct ReadingEncoder {
    let schema: String
    /// True when each register carries its text on the wire.
    let keepsRaw: Bool

    func payload(_ reading: Reading) -> [UInt8] {
        var writer = JSONWriter(capacity: 640 + 48 * reading.registers.count)
        writer.object { json in
            json.member("schema", schema)
            json.member("id", reading.id)
            json.member("meter", reading.meter)
            json.member("time", reading.time)
            json.member("time_source", reading.clock.rawValue)
            json.member("received", reading.received)
            if reading.isDelayed { json.member("delayed", true) }
            if reading.origin.isRetained { json.member("retained", true) }
            json.key("registers")
            json.object { json in
                json.registers(reading.registers, keepsRaw: keepsRaw)
            }
            json.key("fixes")
            json.array { json in for fix in reading.fixes { json.fix(fix) } }
            json.key("source")
            json.object { json in
                json.member("name", reading.origin.source)
                json.member("adapter", reading.origin.adapter)
                json.member("topic", reading.origin.topic)
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// The registers of a reading; plain numbers, as most of them are, in one piece.
    fileprivate mutating func registers(_ registers: [RegisterValue], keepsRaw: Bool) {
        let values = registers.span
        var index = 0
        while index < values.count {
            let end = plainEnd(of: values, from: index)
            // A few at a time: the room for all of them at their longest would be twice what they need.
            while index < end {
                let last = min(index + 8, end)
                plain(values, from: index, to: last)
                index = last
            }
            guard index < values.count else { return }
            register(values[index], time: values[index].time, keepsRaw: keepsRaw)
            index += 1
        }
    }

    private func plainEnd(of values: Span<RegisterValue>, from start: Int) -> Int {
        var end = start
        while end < values.count, values[end].isPlain { end += 1 }
        return end
    }

    /// `"1-0:1.7.0":{"value":42,"unit":"W"}`.
    mutating func register(_ register: RegisterValue, time: Timestamp?, keepsRaw: Bool = false) {
        beginRegister(register, time: time, keepsRaw: keepsRaw)
        endObject()
    }

    /// Like `register`, but leaves the object open for further members.
    mutating func beginRegister(_ register: RegisterValue, time: Timestamp?, keepsRaw: Bool = false) {
        if let number = register.number {
            begin(register.obis, number, register.unit)
        } else {
            key(register.obis)
            beginObject()
            value(register.value)
            member("unit", register.unit?.symbol)
        }
        if let time { member("time", time) }
        if register.isDerived { member("derived", true) }
        if keepsRaw { member("raw", register.raw) }
    }

    private mutating func value(_ value: RegisterValue.Value) {
        switch value {
        case .number(let number):
            key("value")
            self.number(number)
        case .text(let text):
            member("value", text)
        case .list(let entries):
            key("list")
            array { json in
                for entry in entries {
                    json.object { json in
                        if let time = entry.time { json.member("time", time) }
                        json.key("value")
                        json.number(entry.value)
                    }
                }
            }
        }
    }

    fileprivate mutating func fix(_ fix: Fix) {
        object { json in
            json.member("rule", fix.rule.rawValue)
            json.member("level", fix.rule.level.rawValue)
            json.key("fields")
            json.array { json in for field in fix.fields { json.string(field) } }
            json.member("action", fix.action.rawValue)
            json.member("original", fix.original)
            json.member("with", fix.with)
            if let earliest = fix.earliest { json.member("earliest", earliest) }
            json.member("by", fix.by)
        }
    }
}

// MARK: - Described

extension MessageSchemas {
    var reading: JSONTree {
        object(
            "What one telegram brought, with its provenance.",
            required: [
                "schema", "id", "meter", "time", "time_source", "received", "registers", "fixes", "source",
            ],
            [
                ("schema", reference("schema")),
                (
                    "id",
                    [
                        "description": "The same message has the same id, also after a crash.", "type": "string",
                        "pattern": "^[0-9a-f]{16}$",
                    ]
                ),
                ("meter", reference("meter")), ("time", reference("time")), ("time_source", clock),
                ("received", reference("time")),
                ("delayed", ["description": "It waited on its way and may be old.", "const": true]),
                ("retained", ["description": "The broker had kept it: of any age.", "const": true]),
                ("registers", reference("registers")), ("fixes", ["type": "array", "items": reference("fix")]),
                ("source", reference("source")),
            ])
    }

    var fix: JSONTree {
        object(
            "A repair that this message needed.", required: ["rule", "level", "fields", "action"],
            [
                ("rule", ["type": "string", "enum": .texts(Fix.Rule.allCases.map(\.rawValue))]),
                (
                    "level",
                    [
                        "description":
                            "repair: something missing was substituted; doubt: something sent is not believed.",
                        "type": "string", "enum": ["repair", "doubt"],
                    ]
                ),
                ("fields", ["description": "time, meter, or OBIS codes.", "type": "array", "items": text]),
                ("action", ["type": "string", "enum": ["substitute", "drop", "restore", "flag", "hold", "accept"]]),
                ("original", ["description": "What the source had sent.", "type": ["string", "number"]]),
                ("with", ["description": "What took its place.", "type": ["string", "number"]]),
                (
                    "earliest",
                    ["allOf": [reference("time")], "description": "The earliest moment that the reading can be of."]
                ),
                ("by", ["description": "The place in a configuration that decided it.", "type": "string"]),
            ])
    }
}
