// SPDX-License-Identifier: Apache-2.0

// What `state` says about a meter's quarter-hour demand, read back. `JSONWriter+Demand` writes it.
extension Demand {
    /// Nil for a state without it, or with one that makes no sense.
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
