// SPDX-License-Identifier: Apache-2.0
import Adapters
package import Harmonizer
import Inputs

/// The JSON Schema of `bridge.yaml` and of profiles for editors (yaml-language-server). It helps while typing; `check`
/// decides.
package struct EditorSchema {
    private let profile: Profile

    package init(_ profile: Profile) { self.profile = profile }

    /// One document for both files: a profile has the same keys as `profile` in `bridge.yaml`.
    package var document: JSONTree {
        [
            "$schema": "http://json-schema.org/draft-07/schema#", "$id": "urn:obis-bridge:editor",
            "title": "bridge.yaml or a profile of obis-bridge",
            "description": "For the first line of the file: # yaml-language-server: $schema=./obis-bridge.schema.json",
            "anyOf": [["$ref": "#/definitions/configuration"], ["$ref": "#/definitions/profile"]],
            "definitions": [
                "configuration": configuration, "profile": profileSchema, "broker": broker, "source": source,
                "topic": topic, "register": register, "fixes": fixes, "scalar": scalar,
                "texts": ["anyOf": [scalarReference, ["type": "array", "items": scalarReference]]],
                "span": ["type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"],
            ],
        ]
    }

    /// Scalars are read as text, so a number without quotes is a text too.
    private var scalar: JSONTree { ["type": ["string", "number", "boolean"]] }
    private var scalarReference: JSONTree { ["$ref": "#/definitions/scalar"] }
    private var texts: JSONTree { ["$ref": "#/definitions/texts"] }

    private func mapping(_ properties: [(String, JSONTree)], required: [String] = []) -> JSONTree {
        [
            "type": "object", "properties": JSONTree.members(properties),
            "required": .array(required.map { .text($0) }),
            "additionalProperties": false,
        ]
    }

    private func words(_ words: some Sequence<String>) -> JSONTree {
        ["enum": .array(words.map { .text($0) })]
    }

    private func words(_ numbers: some Sequence<Int>) -> JSONTree { ["enum": .array(numbers.map { .number($0) })] }

    private var port: JSONTree { ["type": "integer", "minimum": 1, "maximum": 65_535] }

    private var configuration: JSONTree {
        mapping(
            [
                ("bridge", described("The bridge's name, a topic level; the host's name by default.")),
                ("broker", ["$ref": "#/definitions/broker"]), ("output_broker", ["$ref": "#/definitions/broker"]),
                ("zone", described("The time zone of the readers' clocks: Europe/Zurich.")),
                (
                    "sources",
                    [
                        "anyOf": [
                            ["enum": ["auto"]],
                            [
                                "type": "object", "additionalProperties": ["$ref": "#/definitions/source"],
                                "minProperties": 1,
                            ],
                        ]
                    ]
                ),
                (
                    "meters",
                    [
                        "type": "object",
                        "additionalProperties": mapping([
                            ("name", scalarReference), ("ids", texts), ("ct", scalarReference),
                            ("zone", scalarReference),
                            ("max_power", scalarReference), ("demand", demand),
                            ("role", words(MeterRole.allCases.map(\.rawValue))), ("tariffs", tariffs),
                        ]),
                    ]
                ),
                ("meters_file", described("The same as a CSV file, for many meters.")),
                ("outputs", outputs),
                ("profile", ["anyOf": [["type": "string"], ["$ref": "#/definitions/profile"]]]),
                (
                    "log",
                    mapping([
                        ("format", words(LogFormat.allCases.map(\.rawValue))),
                        ("level", words(LogLevel.allCases.map(\.rawValue))),
                    ])
                ), ("partition", scalarReference), ("limits", ["type": "object"]),
                ("plugtest", plugTest),
                ("http", listen), ("history", history), ("influx", influx), ("security", [:]), ("reload", [:]),
            ], required: ["sources"])
    }

    private func described(_ text: String) -> JSONTree { ["$ref": "#/definitions/scalar", "description": .text(text)] }

    private var listen: JSONTree {
        let address: JSONTree = [
            "type": ["integer", "string"],
            "description": "Where HTTP is answered: a port, 127.0.0.1:8080, or [::1]:8080. Off by default.",
        ]
        let whole = mapping([
            ("listen", address), ("hosts", texts), ("proxy", texts), ("read_only", ["type": "boolean"]),
        ])
        return ["anyOf": [address, whole, ["type": "null"]]]
    }

    private var influx: JSONTree {
        let settings = mapping(
            [
                ("url", described("The server: http://localhost:8086.")), ("database", described("Of InfluxDB 1.")),
                ("org", described("Of InfluxDB 2.")), ("bucket", described("Of InfluxDB 2.")),
                ("username", scalarReference), ("password", scalarReference), ("password_file", scalarReference),
                ("token", scalarReference), ("token_file", scalarReference),
                ("measurement", described("The measurement of the lines; meter by default.")), ("meters", texts),
            ], required: ["url"])
        return ["anyOf": [["type": "null"], settings]]
    }

    private var history: JSONTree {
        let settings = mapping([
            (
                "file",
                described("Where it is written; history.db beside this file by default.")
            ),
            ("retention", described("How long quarter hours and days are kept: 25mo, 2y, 90d, or forever.")),
            ("raw", described("How long single readings are kept: 7d, or off.")),
        ])
        return ["anyOf": [["type": ["boolean", "string", "null"], "description": "Off by default."], settings]]
    }

    private var demand: JSONTree {
        let settings = mapping([
            ("floor", described("The least that a monthly peak counts: 2.5 kW.")), ("enabled", ["type": "boolean"]),
        ])
        return [
            "anyOf": [["type": ["boolean", "null"]], words(["on", "off"]), settings],
            "description": "Whether the quarter-hour demand is computed for meters that do not send it.",
        ]
    }

    private var tariffs: JSONTree {
        described(
            "The names of the tariffs: "
                + (profile.tariffNames.keys.sorted() + ["a table of your own below tariff_names", "off"])
                .joined(separator: ", ") + ".")
    }

    private var tariffNames: JSONTree {
        [
            "type": "object",
            "description": "Names of tariffs, by country or operator: {my_utility: {1: high, 2: low}}.",
            "additionalProperties": [
                "type": ["object", "null"],
                "additionalProperties": ["type": ["string", "null"], "pattern": "^[a-z0-9_]+$"],
            ],
        ]
    }

    private var broker: JSONTree {
        [
            "anyOf": [["type": "string"], ["type": "object"]],
            "description":
                "mqtt://HOST:1883, mqtts://HOST:8883, or a mapping with url, username, password_file, ca_file …",
        ]
    }

    private var source: JSONTree {
        [
            "type": "object", "required": ["adapter"],
            "properties": [
                "adapter": words(AdapterRegistry.all.map(\.name)), "subscribe": texts,
                "labels": [
                    "anyOf": [words(LabelDictionary.shipped.map(\.name)), ["type": "string", "pattern": "[./]"]],
                    "description": "A shipped label dictionary, or a YAML file.",
                ],
                "list": [
                    "anyOf": [words(PushList.shipped.map(\.name)), ["type": "string", "pattern": "[./]"]],
                    "description":
                        "What the list of values means that the meter pushes: a shipped list, or a YAML file.",
                ],
                "keys": ["type": "object", "description": "Keys by system title: a file, or decryption_key_file …"],
                "authentication": words(FrameKeys.Authentication.allCases.map(\.rawValue)),
                "ask": mapping(
                    [
                        ("topic", described("Below one of subscribe: R/c0619ab12345/keepalive.")),
                        ("payload", described("Empty by default.")),
                        ("every", described("5s to 1h; 30s unless told.")),
                    ], required: ["topic"]),
                "zone": scalarReference, "meter": described("Pins the meter's id."), "groups": texts,
                "qos": ["enum": [0, 1]], "fixes": ["$ref": "#/definitions/fixes"],
                "tcp": [
                    "anyOf": [["type": "string"], mapping([("host", ["type": "string"]), ("port", port)])],
                    "description": "A server that passes on a serial line as it is: HOST:PORT, or host and port.",
                ],
                "serial": mapping(
                    [
                        ("device", described("/dev/serial/by-id/usb-… or /dev/ttyUSB0.")),
                        ("baud", words(SerialSpeed.flags.keys.sorted())),
                        ("format", ["type": "string", "pattern": "^[78][NEOneo][12]$"]),
                    ], required: ["device", "baud"]),
                "about": mapping([
                    ("utility", described("Who runs the meter, for reports.")),
                    ("meter", described("Its model, for reports.")),
                    ("reader", described("What reads it, for reports.")),
                ]),
            ],
        ]
    }

    private var plugTest: JSONTree {
        let register = described("An OBIS code: 1-0:1.8.0.")
        let at = described("A time after the start (10m), or RFC 3339.")
        let expected: JSONTree = [
            "anyOf": [
                scalarReference,
                mapping([("register", register), ("every", ["$ref": "#/definitions/span"])], required: ["register"]),
            ]
        ]
        return mapping([
            ("title", described("What the report is called.")),
            ("expected", ["anyOf": [expected, ["type": "array", "items": expected]]]),
            (
                "display",
                [
                    "type": "array",
                    "items": mapping(
                        [
                            ("source", scalarReference), ("register", register),
                            ("value", described("What the display shows: 888.343 kWh.")), ("at", at),
                        ], required: ["source", "register", "value"]),
                ]
            ),
            (
                "steps",
                [
                    "type": "array",
                    "items": mapping(
                        [("name", scalarReference), ("at", at), ("within", ["$ref": "#/definitions/span"])],
                        required: ["name", "at"]),
                ]
            ),
        ])
    }

    private var outputs: JSONTree {
        let output: JSONTree = [
            "anyOf": [
                words(Outputs.names),
                [
                    "type": "object", "additionalProperties": false,
                    "properties": JSONTree.members(
                        Outputs.names.map { ($0, ["type": ["object", "null"]]) }),
                ],
            ]
        ]
        return ["anyOf": [output, ["type": "array", "items": output]]]
    }

    private var fixes: JSONTree {
        [
            "type": "object", "additionalProperties": false,
            "properties": JSONTree.members(
                Fix.Rule.allCases.map { ($0.rawValue, words(FixPolicy.allCases.map(\.rawValue))) }),
        ]
    }

    private var topic: JSONTree {
        [
            "anyOf": [
                ["type": ["string", "boolean", "null"]],
                mapping([
                    ("topic", ["type": "string"]), ("qos", ["enum": [0, 1]]),
                    ("retain", words(TopicRule.Retain.allCases.map(\.rawValue))),
                    ("repeat", ["$ref": "#/definitions/span"]), ("every", ["$ref": "#/definitions/span"]),
                    ("enabled", ["type": "boolean"]),
                ]),
            ]
        ]
    }

    private var register: JSONTree {
        [
            "anyOf": [
                ["type": "null"],
                [
                    "type": "object",
                    "properties": [
                        "alias": ["type": ["string", "null"], "pattern": "^([a-z0-9_]+|\\{medium\\})$"], "unit": texts,
                        "decimals": ["type": ["integer", "null"], "minimum": 0, "maximum": 12],
                        "range": ["type": ["array", "null"]], "description": ["type": "string"],
                    ],
                ],
            ]
        ]
    }

    private var profileSchema: JSONTree {
        var topics: [(String, JSONTree)] = [("root", ["type": "string"])]
        for (key, _) in profile.topics.all { topics.append((key, ["$ref": "#/definitions/topic"])) }
        let described: [(String, JSONTree)] = [
            ("extends", ["type": "string"]), ("name", ["type": "string"]), ("version", ["const": 1]),
            ("schema", ["type": "string"]),
            ("topics", ["type": "object", "properties": JSONTree.members(topics), "additionalProperties": false]),
            ("provenance", words(["fixes", "full"])), ("fixes", ["$ref": "#/definitions/fixes"]),
            ("registers", ["type": "object", "additionalProperties": ["$ref": "#/definitions/register"]]),
            ("placeholders", texts), ("demand", demand), ("tariffs", tariffs), ("tariff_names", tariffNames),
        ]
        // All other keys of the shipped profile.
        let others = profile.source.keys.filter { key in !described.contains { $0.0 == key } }
        return [
            "type": "object", "description": "What differs from the shipped profile.",
            "properties": JSONTree.members(described + others.map { ($0, [:]) }), "additionalProperties": false,
        ]
    }
}
