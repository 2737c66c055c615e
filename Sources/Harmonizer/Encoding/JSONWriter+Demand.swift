// SPDX-License-Identifier: Apache-2.0

extension JSONWriter {
    /// What a restarted bridge has to know of a meter's quarter-hour demand, as `demand`.
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
