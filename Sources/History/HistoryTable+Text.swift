// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The edge of a span that labels it in an export.
public enum HistoryLabel: String, Sendable, CaseIterable {
    /// The start: 10:00 is the quarter hour until 10:15.
    case start
    /// The end, as some utilities do: 10:15 is that same quarter hour.
    case end
}

extension HistoryTable {
    /// JSON, as in the answer of `GET /v1/meters/ID/history`.
    public func json(label: HistoryLabel = .start) -> [UInt8] {
        var writer = JSONWriter(capacity: 256 + rows.count * 96)
        writer.object { json in
            json.member("meter", meter)
            json.member("register", register.description)
            if let unit { json.member("unit", unit) }
            json.member("kind", isCounter ? "counter" : "momentary")
            json.member("step", step.rawValue)
            json.member("label", label.rawValue)
            json.key("from")
            json.time(from)
            json.key("to")
            json.time(to)
            json.key("rows")
            json.array { json in for row in rows { row.write(to: &json, label: label) } }
        }
        return writer.bytes
    }

    /// CSV with a header line; times are RFC 3339 in UTC, numbers have a decimal point.
    ///
    /// - Parameter hasHeader: false for text that is appended to another table.
    public func csv(label: HistoryLabel = .start, hasHeader: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        let names = isCounter ? "energy,last" : "min,mean,max"
        if hasHeader { bytes += "\(label.rawValue),\(names),unit,complete\n".utf8 }
        for row in rows {
            RFC3339.append(label == .start ? row.start : row.end, to: &bytes)
            let numbers: [ExactDecimal]
            switch row.content {
            case .counter(let energy, let last, _): numbers = [energy, last]
            case .momentary(let min, let mean, let max): numbers = [min, mean, max]
            }
            for number in numbers {
                bytes.append(UInt8(ascii: ","))
                number.append(to: &bytes)
            }
            bytes += ",\(unit ?? ""),\(row.isComplete)\n".utf8
        }
        return bytes
    }
}

extension HistoryRow {
    fileprivate func write(to json: inout JSONWriter, label: HistoryLabel) {
        json.object { json in
            json.key(label == .start ? "start" : "end")
            json.time(label == .start ? start : end)
            switch content {
            case .counter(let energy, let last, let peak):
                json.key("energy")
                json.number(energy)
                json.key("last")
                json.number(last)
                if let peak {
                    json.key("peak")
                    json.object { json in
                        json.key("start")
                        json.time(peak.start)
                        json.key("energy")
                        json.number(peak.energy)
                    }
                }
            case .momentary(let min, let mean, let max):
                json.key("min")
                json.number(min)
                json.key("mean")
                json.number(mean)
                json.key("max")
                json.number(max)
            }
            json.key("complete")
            json.flag(isComplete)
        }
    }
}
