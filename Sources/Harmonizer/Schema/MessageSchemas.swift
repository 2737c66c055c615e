// SPDX-License-Identifier: Apache-2.0

/// JSON Schema of every message of a profile. Written in the words that draft-07 and 2020-12 share, so that the same schemas
/// serve as a document of their own and within AsyncAPI.
struct MessageSchemas {
    let profile: Profile
    /// What stands before the name of a schema: `#/$defs/`.
    let prefix: String

    /// All schemas by name: the messages first, then what they share.
    var all: [(String, JSONTree)] {
        [
            ("reading", reading), ("state", state), ("info", info), ("bridge_info", bridgeInfo), ("reject", reject),
            ("health", health), ("command", command), ("answer", answer),
            ("value", ["description": "The bare value of one register.", "type": ["number", "string"]]),
            ("availability", ["type": "string", "enum": ["online", "offline"]]),
            ("registers", registers(ofState: false)), ("registers_of_state", registers(ofState: true)),
            ("register", register(ofState: false)), ("register_of_state", register(ofState: true)),
            ("values", values), ("fix", fix), ("source", source),
            ("schema", ["type": "string", "pattern": .text("^" + profile.schema.prefix { $0 != "." } + "\\.[0-9]+$")]),
            ("time", time), ("meter", ["type": "string", "pattern": "^[a-z0-9_-]{1,64}$"]),
        ]
    }

    private func reference(_ name: String) -> JSONTree { ["$ref": .text(prefix + name)] }

    private func object(
        _ description: String, required: [String], _ properties: [(String, JSONTree)]
    ) -> JSONTree {
        [
            "description": .text(description), "type": "object", "required": .texts(required),
            "properties": .object(properties),
        ]
    }

    private var text: JSONTree { ["type": "string"] }

    private var time: JSONTree {
        [
            "description": "RFC 3339, UTC, with a fraction where its source sent one.", "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3}([0-9]{3})?)?Z$",
        ]
    }

    private var clock: JSONTree { ["type": "string", "enum": ["meter", "source", "bridge"]] }

    // MARK: - Messages

    private var reading: JSONTree {
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

    private var state: JSONTree {
        object(
            "The newest value of every register, and the same flat by alias.",
            required: ["schema", "meter", "time", "time_source", "received", "registers", "values"],
            [
                ("schema", reference("schema")), ("meter", reference("meter")), ("name", text),
                ("time", reference("time")), ("time_source", clock), ("received", reference("time")),
                (
                    "clock",
                    [
                        "allOf": [reference("time")],
                        "description": "Where the time is the bridge's: what the newest telegram's own clock said.",
                    ]
                ),
                (
                    "interval",
                    [
                        "description": "Usual seconds between two values, of registers that have none of their own.",
                        "type": "number",
                    ]
                ),
                ("delayed", ["description": "The newest reading waited on its way.", "const": true]),
                (
                    "collision",
                    object(
                        "Why two meters may send under this id.", required: ["values", "changes", "steady"],
                        [
                            ("values", ["type": "array", "items": ["type": "number"], "maxItems": 2]),
                            ("changes", ["type": "integer"]), ("steady", ["type": "integer"]),
                        ])
                ),
                (
                    "reread",
                    [
                        "description":
                            "Fields that a changed configuration reads in another way: their next values are not judged by these.",
                        "type": "array", "items": text,
                    ]
                ),
                (
                    "netting",
                    object(
                        "How far it is known whether the meter nets its phases.", required: ["seen", "without_export"],
                        [
                            ("seen", ["type": "integer"]), ("without_export", ["type": "integer"]),
                            ("repeated", ["enum": ["import", "export"]]),
                        ])
                ),
                (
                    "totals",
                    object(
                        "What totals are made of, while that is not certain: tariffs of an energy, phases of the power.",
                        required: [],
                        [
                            ("import", openParts), ("export", openParts), ("phases", openParts),
                            ("without_phase_export", ["type": "integer"]),
                        ])
                ),
                ("demand", demand),
                (
                    "sender",
                    object(
                        "What the bridge has to know after a restart of an encrypted meter's frames, to tell replays.",
                        required: ["name", "memory"],
                        [("name", ["type": "string"]), ("memory", ["type": "string", "maxLength": 10_000])])
                ),
                ("registers", reference("registers_of_state")), ("values", reference("values")),
            ])
    }

    private var demand: JSONTree {
        let month: JSONTree = object(
            "A month by the meter's clock.", required: ["month", "quarters"],
            [
                ("month", ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"]),
                ("quarters", ["description": "Quarter hours with an average.", "type": "integer"]),
                ("peak", ["description": "W, of the highest of them.", "type": "number"]),
                ("time", ["allOf": [reference("time")], "description": "The end of that quarter hour."]),
            ])
        return object(
            "What the quarter-hour demand is computed of.", required: ["quarter", "months"],
            [
                (
                    "quarter",
                    ["allOf": [reference("time")], "description": "When the running quarter hour began."]
                ),
                (
                    "start",
                    ["description": "kWh of the counter at that moment; absent where unknown.", "type": "number"]
                ),
                ("time", ["allOf": [reference("time")], "description": "Of the newest value of the counter."]),
                ("energy", ["description": "kWh of that value.", "type": "number"]),
                ("last", ["description": "W of the quarter hour before; absent where unknown.", "type": "number"]),
                ("months", ["description": "The running one last.", "type": "array", "items": month, "maxItems": 12]),
            ])
    }

    private var info: JSONTree {
        let known: JSONTree = object(
            "A register that was seen.", required: [], [("alias", text), ("unit", text), ("description", text)])
        return object(
            "What is known about a meter.", required: ["schema", "meter", "sources", "registers"],
            [
                ("schema", reference("schema")), ("meter", reference("meter")), ("name", text),
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

    private var bridgeInfo: JSONTree {
        object(
            "Which program with which profile.", required: ["schema", "version", "profile", "profile_hash"],
            [
                ("schema", reference("schema")), ("version", text), ("profile", text),
                ("profile_hash", ["type": "string", "pattern": "^[0-9a-f]{16}$"]),
                ("subscriptions", ["type": "array", "items": text]), ("adopted", text),
                ("sources", ["type": "object", "additionalProperties": text]),
                ("client_id", ["description": "Of the session on the input broker.", "type": "string"]),
                ("meters", ["description": "Their ids.", "type": "array", "items": text]),
            ])
    }

    private var reject: JSONTree {
        object(
            "A message that should have been meter data, and why it was not understood.",
            required: ["schema", "reason", "detail", "received", "source"],
            [
                ("schema", reference("schema")),
                ("reason", ["type": "string", "enum": .texts(Rejection.Reason.allCases.map(\.rawValue))]),
                ("detail", text),
                ("counts", ["allOf": [counts], "description": "With reject.suppressed: by reason."]),
                ("since", ["allOf": [reference("time")], "description": "With reject.suppressed: from when."]),
                ("position", ["description": "Bytes from the start of the payload.", "type": "integer"]),
                ("received", reference("time")),
                (
                    "meter",
                    ["allOf": [reference("meter")], "description": "Whose reader sent it, where that is known."]
                ),
                ("source", senders),
                ("payload", ["description": "As text, up to 4096 bytes.", "type": "string"]),
                ("payload_base64", ["description": "What is no text.", "type": "string"]),
                ("payload_bytes", ["description": "The length of a payload that was cut.", "type": "integer"]),
            ])
    }

    private var counts: JSONTree { ["type": "object", "additionalProperties": ["type": "integer"]] }

    private var health: JSONTree {
        let count: JSONTree = ["type": "integer", "minimum": 0]
        return object(
            "What the bridge did since it started, and which meters gave it most to do.",
            required: [
                "schema", "time", "uptime", "received", "readings", "publications", "rejected", "fixes", "meters",
            ],
            [
                ("schema", reference("schema")), ("time", reference("time")),
                ("uptime", ["description": "Seconds.", "type": "integer"]), ("started", reference("time")),
                ("memory", ["description": "Bytes.", "type": "integer"]),
                ("configuration_problem", ["description": "Why the files are not in force.", "type": "string"]),
                (
                    "crash_guard_problem",
                    ["description": "Why a message that ends the bridge would not be recognised.", "type": "string"]
                ),
                ("history_problem", ["description": "Why the history is not written.", "type": "string"]),
                ("log_lines_lost", ["description": "Lines of the log that could not be written.", "type": "integer"]),
                ("received", count),
                ("dropped", ["allOf": [count], "description": "By http and udp, and not taken in."]),
                ("readings", count), ("publications", count),
                (
                    "rates",
                    [
                        "description": "A second, since the last health.", "type": "object",
                        "additionalProperties": ["type": "number"],
                    ]
                ),
                ("ignored", counts), ("rejected", counts), ("fixes", counts), ("unknown_labels", count),
                ("malformed", count),
                ("meters", object("Meters.", required: ["known", "online"], [("known", count), ("online", count)])),
                (
                    "worst",
                    [
                        "type": "array",
                        "items": object(
                            "A meter that needed repairs.", required: ["meter", "readings", "fixes"],
                            [
                                ("meter", reference("meter")), ("readings", count), ("rejected", count),
                                ("fixes", counts),
                            ]),
                    ]
                ),
            ])
    }

    private var command: JSONTree {
        object(
            "What a person tells the running bridge.", required: ["command", "request"],
            [
                ("command", ["type": "string", "enum": .texts(Command.Name.allCases.map(\.rawValue))]), ("meter", text),
                ("request", ["description": "A word that the answer repeats.", "type": "string"]),
            ]
        ).adding([
            ("if", ["properties": ["command": ["const": .text(Command.Name.identify.rawValue)]]]),
            ("else", ["required": ["meter"]]),
        ])
    }

    private var answer: JSONTree {
        object(
            "What became of a command.", required: ["request", "result", "lines"],
            [
                ("request", text), ("result", ["type": "string", "enum": ["done", "refused"]]),
                ("lines", ["type": "array", "items": text]),
            ])
    }

    // MARK: - Parts

    /// Tariffs or phases by number.
    private var numbers: JSONTree { ["type": "array", "items": ["type": "integer"]] }

    private var openParts: JSONTree {
        object(
            "late: parts that came when the total was known. steady: whole readings with every part so far.",
            required: ["parts", "steady"], [("parts", numbers), ("late", numbers), ("steady", ["type": "integer"])])
    }

    private var held: JSONTree {
        object(
            "A newer value that is not believed.", required: ["rule", "value", "time", "since", "messages"],
            [
                ("rule", text), ("value", ["type": "number"]), ("unit", text), ("time", reference("time")),
                ("since", reference("time")), ("messages", ["type": "integer"]),
            ])
    }

    private func register(ofState: Bool) -> JSONTree {
        var properties: [(String, JSONTree)] = [
            ("value", ["type": ["number", "string"]]),
            (
                "list",
                [
                    "description": "A history, in place of a value.", "type": "array",
                    "items": object(
                        "An entry.", required: ["value"], [("time", reference("time")), ("value", ["type": "number"])]),
                ]
            ),
            ("unit", ["description": "Absent for texts and counts.", "type": "string"]),
            ("time", ["allOf": [reference("time")], "description": "Where it is another one than the reading's."]),
            ("derived", ["description": "Computed from other registers.", "const": true]),
            ("raw", ["description": "What was on the wire, with provenance: full.", "type": "string"]),
        ]
        if ofState {
            properties.append(
                (
                    "quality",
                    ["description": "Absent is good.", "type": "string", "enum": ["held", "stale", "previous"]]
                ))
            properties.append(("held", held))
            properties += [
                (
                    "received",
                    ["allOf": [reference("time")], "description": "Where it came earlier than the newest reading."]
                ),
                (
                    "interval",
                    ["description": "Usual seconds between two values; 0 while it came once only.", "type": "number"]
                ),
                ("delayed", ["description": "Where it is another than the newest reading's.", "type": "boolean"]),
            ]
        }
        return object("One register.", required: [], properties)
            .adding([("oneOf", [["required": ["value"]], ["required": ["list"]]])])
    }

    private func registers(ofState: Bool) -> JSONTree {
        let register = reference(ofState ? "register_of_state" : "register")
        var named: [(String, JSONTree)] = []
        var patterns: [(String, JSONTree)] = []
        for (obis, rule) in profile.registers.sorted(by: { $0.key < $1.key }) {
            var schema: [(String, JSONTree)] = [("allOf", [register]), ("description", .text(rule.description))]
            if !rule.units.isEmpty {
                // A unit that converts to none of the profile's is published as received, so this names and does not forbid.
                schema.append(("x-units", .texts(rule.units.map(\.symbol))))
            }
            if obis.a == 0, obis.b == Profile.anyChannel {
                patterns.append(("^0-[1-4]:\(obis.c)\\.\(obis.d)\\.\(obis.e)$", .object(schema)))
            } else {
                named.append((obis.description, .object(schema)))
            }
        }
        patterns.append(("^[0-9]{1,3}-[0-9]{1,3}:[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(\\*[0-9]{1,3})?$", register))
        return [
            "description": "Registers by OBIS code, A-B:C.D.E.", "type": "object", "properties": .object(named),
            "patternProperties": .object(patterns), "additionalProperties": false,
        ]
    }

    private var values: JSONTree {
        let aliases = profile.registers.sorted { $0.key < $1.key }.compactMap { _, rule -> (String, JSONTree)? in
            guard let alias = rule.alias, alias != "{medium}" else { return nil }
            let units = rule.units.map(\.symbol).joined(separator: " or ")
            let description = units.isEmpty ? rule.description : "\(rule.description), in \(units)"
            return (alias, ["type": ["number", "string"], "description": .text(description)])
        }
        return [
            "description": "The newest values flat by alias.", "type": "object", "properties": .object(aliases),
            "additionalProperties": ["type": ["number", "string"]],
        ]
    }

    private var fix: JSONTree {
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

    /// In a summary there are many topics.
    private var senders: JSONTree {
        object(
            "Where it came from.", required: ["name", "adapter"], [("name", text), ("adapter", text), ("topic", text)])
    }

    private var source: JSONTree {
        object(
            "Where a message came from.", required: ["name", "adapter", "topic"],
            [("name", text), ("adapter", text), ("topic", text)])
    }
}
