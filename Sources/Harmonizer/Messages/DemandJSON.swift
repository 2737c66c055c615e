// SPDX-License-Identifier: Apache-2.0

extension JSONWriter {
    /// Writes `demand`: what a restarted bridge needs to know about a meter's quarter-hour demand.
    mutating func demand(_ demand: Demand) {
        key("demand")
        object { json in
            json.member("quarter", demand.begin)
            if let start = demand.start {
                json.key("start")
                json.number(start)
            }
            if let latest = demand.latest {
                json.member("time", latest.time)
                json.key("energy")
                json.number(latest.energy)
            }
            if let last = demand.last {
                json.key("last")
                json.number(last)
            }
            json.key("months")
            json.array { json in
                for month in demand.earlier { json.month(month) }
                json.month(demand.month)
            }
        }
    }

    private mutating func month(_ month: Demand.Month) {
        object { json in
            json.member("month", month.text)
            json.key("quarters")
            json.number(month.quarters)
            guard let peak = month.peak else { return }
            json.key("peak")
            json.number(peak.power)
            json.member("time", peak.end)
        }
    }
}

extension Demand.Month {
    /// `2026-11`.
    fileprivate var text: String {
        let (year, month) = (String(number / 12), String(number % 12 + 1))
        return String(repeating: "0", count: max(0, 4 - year.count)) + year + (month.count < 2 ? "-0" : "-") + month
    }
}

// MARK: - Read back

extension Demand {
    /// Nil for a state without a demand, or with an invalid one.
    init?(_ root: JSONValue?) {
        guard let root, let begin = root["quarter"]?.instant,
            let months = root["months"]?.elements.compactMap({ Month($0.value) }), let month = months.last,
            months.count <= 12
        else { return nil }
        var latest: Sample?
        if let time = root["time"]?.instant, let energy = root["energy"]?.quotedDecimal {
            latest = Sample(time: time, energy: energy)
        }
        self.init(
            latest: latest, quarter: Self.quarter(of: begin), start: root["start"]?.quotedDecimal,
            last: root["last"]?.quotedDecimal, month: month, earlier: months.dropLast())
    }
}

extension Demand.Month {
    fileprivate init?(_ value: JSONValue) {
        let words = value["month"]?.text?.split(separator: "-") ?? []
        guard words.count == 2, let year = Int(words[0]), let month = Int(words[1]), (1...9999).contains(year),
            (1...12).contains(month)
        else { return nil }
        self.init(number: year * 12 + month - 1, quarters: value["quarters"]?.count ?? 0)
        if let power = value["peak"]?.quotedDecimal, let end = value["time"]?.instant {
            peak = Demand.Peak(power: power, end: end)
        }
    }
}

// MARK: - Described

extension MessageSchemas {
    var demand: JSONTree {
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
}
