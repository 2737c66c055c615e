// SPDX-License-Identifier: Apache-2.0

/// JSON Schema of every message of a profile. The schema of a message is beside the code that writes the message and
/// reads it back; the shared parts are here. All use only keywords that draft-07 and 2020-12 share, so that the same
/// schemas serve as a document of their own and within AsyncAPI.
struct MessageSchemas {
    let profile: Profile
    /// The prefix of the name of a schema: `#/$defs/`.
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

    func reference(_ name: String) -> JSONTree { ["$ref": .text(prefix + name)] }

    func object(
        _ description: String, required: [String], _ properties: [(String, JSONTree)]
    ) -> JSONTree {
        [
            "description": .text(description), "type": "object", "required": .texts(required),
            "properties": .object(properties),
        ]
    }

    var text: JSONTree { ["type": "string"] }

    var time: JSONTree {
        [
            "description": "RFC 3339, UTC, with a fraction where its source sent one.", "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3}([0-9]{3})?)?Z$",
        ]
    }

    var clock: JSONTree { ["type": "string", "enum": ["meter", "source", "bridge"]] }

    var bridgeInfo: JSONTree {
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

    // MARK: - Parts

    /// How often something happened, by name.
    var counts: JSONTree { ["type": "object", "additionalProperties": ["type": "integer"]] }

    /// Tariffs or phases by number.
    var numbers: JSONTree { ["type": "array", "items": ["type": "integer"]] }

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
                // A unit that converts to none of the profile's is published as received: the schema names units and
                // forbids none.
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

    var source: JSONTree {
        object(
            "Where a message came from.", required: ["name", "adapter", "topic"],
            [("name", text), ("adapter", text), ("topic", text)])
    }
}
