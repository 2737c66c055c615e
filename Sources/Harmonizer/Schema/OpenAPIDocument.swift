// SPDX-License-Identifier: Apache-2.0

extension SchemaDocuments {
    /// OpenAPI 3.1 of what the bridge answers by HTTP; the state of a meter has the schema of its topic.
    package var openAPI: JSONTree {
        let shared = ["state", "registers_of_state", "register_of_state", "values", "schema", "time", "meter"]
        let messages = MessageSchemas(profile: profile, prefix: Self.schemas).all.filter { shared.contains($0.0) }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "obis-bridge", "version": .text(version),
                "description": .text(
                    "Read-only. Meters with the profile \(profile.name), hash \(profile.hash), health, and metrics for Prometheus."
                ),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": [
                "/v1/meters": ["get": meters], "/v1/meters/{meter}": ["get": meter],
                "/v1/meters/{meter}/history": ["get": history],
                "/healthz": ["get": health], "/readyz": ["get": readiness], "/metrics": ["get": metrics],
                "/openapi.json": [
                    "get": operation("getOpenAPI", "This document.", ["200": json(["type": "object"], "The document.")])
                ],
            ],
            "components": [
                "schemas": .object(messages + answers),
                "responses": [
                    "problem": [
                        "description": "What is wrong (RFC 9457).",
                        "content": ["application/problem+json": ["schema": Self.reference("problem")]],
                    ]
                ],
            ],
        ]
    }

    private static let schemas = "#/components/schemas/"

    private static func reference(_ name: String) -> JSONTree { ["$ref": .text(schemas + name)] }

    // MARK: - Operations

    private var meters: JSONTree {
        operation(
            "listMeters", "Every meter that the bridge knows.",
            ["200": json(Self.reference("meters"), "The meters."), "503": problem])
    }

    private var meter: JSONTree {
        operation(
            "getMeter", "The newest value of every register: the bytes of the topic state.",
            ["200": json(Self.reference("state"), "The state."), "404": problem, "503": problem]
        ).adding([("parameters", [Self.meterParameter])])
    }

    private static let meterParameter: JSONTree = [
        "name": "meter", "in": "path", "required": true, "description": "The meter's id.",
        "schema": ["type": "string"],
    ]

    private var history: JSONTree {
        func parameter(_ name: String, _ description: String, _ schema: JSONTree, required: Bool = false) -> JSONTree {
            [
                "name": .text(name), "in": "query", "required": .flag(required), "description": .text(description),
                "schema": schema,
            ]
        }
        let text: JSONTree = ["type": "string"]
        return operation(
            "getHistory", "The values of one register, span by span; at most 10,000 rows.",
            [
                "200": [
                    "description": "The rows.",
                    "content": [
                        "application/json": ["schema": Self.reference("history")],
                        "text/csv": ["schema": ["type": "string"]],
                    ],
                ],
                "400": problem, "404": problem, "503": problem,
            ]
        ).adding([
            (
                "parameters",
                [
                    Self.meterParameter,
                    parameter("register", "Its OBIS code or its alias.", text, required: true),
                    parameter("from", "An instant of the first span: RFC 3339, or a day. A day before `to`.", text),
                    parameter("to", "The end: RFC 3339, or a day. Now, unless told.", text),
                    parameter(
                        "step", "How long a span is.",
                        ["type": "string", "enum": ["15m", "1h", "1d", "1mo", "1y"], "default": "15m"]),
                    parameter(
                        "format", "JSON or CSV.", ["type": "string", "enum": ["json", "csv"], "default": "json"]),
                    parameter(
                        "label", "Which edge names a span.",
                        ["type": "string", "enum": ["start", "end"], "default": "start"]),
                ]
            )
        ])
    }

    private var health: JSONTree {
        operation(
            "getHealth", "Whether the program works, brokers or not.",
            [
                "200": json(Self.reference("health"), "It does."),
                "503": json(Self.reference("health"), "It is stuck."),
            ])
    }

    private var readiness: JSONTree {
        operation(
            "getReadiness", "Whether both brokers are connected, subscribed to, and the last counters known.",
            [
                "200": json(Self.reference("readiness"), "All is there."),
                // The list of what is missing, or a problem when the bridge does not answer in time.
                "503": [
                    "description": "Something is missing.",
                    "content": [
                        "application/json": ["schema": Self.reference("readiness")],
                        "application/problem+json": ["schema": Self.reference("problem")],
                    ],
                ],
            ])
    }

    private var metrics: JSONTree {
        operation(
            "getMetrics", "Metrics in the text format 0.0.4 of Prometheus.",
            [
                "200": ["description": "The metrics.", "content": ["text/plain": ["schema": ["type": "string"]]]],
                "503": problem,
            ])
    }

    private func operation(_ id: String, _ summary: String, _ responses: JSONTree) -> JSONTree {
        ["operationId": .text(id), "summary": .text(summary), "responses": responses]
    }

    private func json(_ schema: JSONTree, _ description: String) -> JSONTree {
        ["description": .text(description), "content": ["application/json": ["schema": schema]]]
    }

    private var problem: JSONTree { ["$ref": "#/components/responses/problem"] }

    // MARK: - Answers

    private var answers: [(String, JSONTree)] {
        let text: JSONTree = ["type": "string"]
        let listed: JSONTree = [
            "description": "A meter.", "type": "object", "required": ["id", "links"],
            "properties": [
                "id": ["type": "string"], "name": text,
                "availability": [
                    "description": "Unknown for a meter that was not heard since the start.", "type": "string",
                    "enum": ["online", "offline", "unknown"],
                ],
                "time": Self.reference("time"),
                "time_source": ["type": "string", "enum": ["meter", "source", "bridge"]],
                "received": Self.reference("time"),
                "links": ["type": "object", "required": ["self"], "properties": ["self": text]],
            ],
        ]
        let number: JSONTree = ["type": "number"]
        let row: JSONTree = [
            "description": "A counter has energy and last, a momentary value min, mean and max.", "type": "object",
            "required": ["complete"],
            "properties": [
                "start": Self.reference("time"), "end": Self.reference("time"), "energy": number, "last": number,
                "min": number, "mean": number, "max": number,
                "peak": [
                    "description": "Of days and more: the whole quarter hour with the highest energy.",
                    "type": "object", "required": ["start", "energy"],
                    "properties": ["start": Self.reference("time"), "energy": number],
                ],
                "complete": ["description": "Values stand near both edges.", "type": "boolean"],
            ],
        ]
        return [
            (
                "history",
                [
                    "type": "object",
                    "required": ["meter", "register", "kind", "step", "label", "from", "to", "rows"],
                    "properties": [
                        "meter": text, "register": text, "unit": text,
                        "kind": ["type": "string", "enum": ["counter", "momentary"]], "step": text,
                        "label": ["type": "string", "enum": ["start", "end"]], "from": Self.reference("time"),
                        "to": Self.reference("time"), "rows": ["type": "array", "items": row],
                    ],
                ]
            ),
            (
                "meters",
                [
                    "type": "object", "required": ["schema", "meters"],
                    "properties": [
                        "schema": Self.reference("schema"), "meters": ["type": "array", "items": listed],
                    ],
                ]
            ),
            (
                "health",
                [
                    "type": "object", "required": ["status"],
                    "properties": ["status": ["type": "string", "enum": ["ok", "stuck"]], "detail": text],
                ]
            ),
            (
                "readiness",
                [
                    "type": "object", "required": ["status", "missing"],
                    "properties": [
                        "status": ["type": "string", "enum": ["ready", "waiting"]],
                        "missing": ["type": "array", "items": text],
                    ],
                ]
            ),
            (
                "problem",
                [
                    "type": "object", "required": ["title", "status"],
                    "properties": [
                        "type": text, "title": text, "status": ["type": "integer"], "detail": text,
                    ],
                ]
            ),
        ]
    }
}
