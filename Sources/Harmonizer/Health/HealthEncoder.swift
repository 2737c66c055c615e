// SPDX-License-Identifier: Apache-2.0

/// `…/bridge/<bridge>/health`: what the bridge did since it started, and which meters gave it most to do.
struct HealthEncoder {
    let schema: String
    let counters: Counters
    /// How many meters are known and online.
    let meters: (known: Int, online: Int)
    /// The worst first.
    let worst: [MeterState]

    /// The worst meters: those whose values were doubted most often first, then those with rejects.
    static func worst(_ meters: [MeterState]) -> [MeterState] {
        let candidates = meters.indices.lazy
            .filter { !meters[$0].ledger.counts.isEmpty || meters[$0].rejects > 0 }
            .map {
                (
                    index: $0, doubts: meters[$0].ledger.count(.doubt), rejects: meters[$0].rejects,
                    repairs: meters[$0].ledger.count(.repair)
                )
            }
        return
            candidates
            .sorted {
                ($1.doubts, $1.rejects, $1.repairs, $0.index) < ($0.doubts, $0.rejects, $0.repairs, $1.index)
            }
            .prefix(20).map { meters[$0.index] }
    }

    func payload(_ facts: ProcessFacts, at now: Timestamp) -> [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        writer.object { json in
            json.member("schema", schema)
            json.member("time", now)
            json.member("uptime", Int(facts.uptime.seconds))
            if let started = facts.started { json.member("started", started) }
            if let memory = facts.memory { json.member("memory", memory) }
            json.member("configuration_problem", facts.configurationProblem)
            json.member("crash_guard_problem", facts.crashGuardProblem)
            json.member("history_problem", facts.historyProblem)
            if facts.logLinesLost > 0 { json.member("log_lines_lost", facts.logLinesLost) }
            json.member("received", counters.received)
            json.member("dropped", facts.dropped)
            json.member("readings", counters.readings)
            json.member("publications", counters.publications)
            json.key("rates")
            json.object { json in rates(facts, &json) }
            json.key("ignored")
            json.counts(counters.ignored)
            json.key("rejected")
            json.counts(Dictionary(counters.rejected.map { ($0.key.rawValue, $0.value) }) { $0 + $1 })
            json.key("fixes")
            json.counts(Self.named(counters.fixes))
            json.member("unknown_labels", counters.unknownLabels)
            json.member("malformed", counters.malformed)
            json.key("meters")
            json.object { json in
                json.member("known", meters.known)
                json.member("online", meters.online)
            }
            json.key("worst")
            json.array { json in
                for meter in worst {
                    json.object { json in
                        json.member("meter", meter.id)
                        json.member("readings", meter.readings)
                        if meter.rejects > 0 { json.member("rejected", meter.rejects) }
                        json.key("fixes")
                        json.counts(Self.named(meter.ledger.counts))
                    }
                }
            }
        }
        return writer.bytes
    }

    /// Rates per second since the previous publication.
    private func rates(_ facts: ProcessFacts, _ json: inout JSONWriter) {
        guard let (earlier, span) = facts.earlier, span > .zero else { return }
        for (name, now, before) in [
            ("received", counters.received, earlier.received), ("readings", counters.readings, earlier.readings),
            ("publications", counters.publications, earlier.publications),
        ] {
            let (product, overflow) = Int64(max(0, now - before)).multipliedReportingOverflow(by: 100_000)
            guard !overflow else { continue }
            json.key(named: name)
            json.number(ExactDecimal(product / span.milliseconds, exponent: -2))
        }
    }

    private static func named(_ counts: [Fix.Rule: Int]) -> [String: Int] {
        Dictionary(counts.map { ($0.key.rawValue, $0.value) }) { $0 + $1 }
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: StaticString, _ number: Int) {
        key(name)
        self.number(number)
    }

    /// Writes the names in alphabetical order, so that two publications can be compared.
    fileprivate mutating func counts(_ counts: [String: Int]) {
        object { json in
            for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
                json.key(named: name)
                json.number(count)
            }
        }
    }
}

// MARK: - Described

extension MessageSchemas {
    var health: JSONTree {
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
}
