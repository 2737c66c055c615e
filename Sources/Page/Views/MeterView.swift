// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The view of one meter.
struct MeterView {
    let id: String
    let data: PageData
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        guard let meter = data.meters.first(where: { $0.id == id }) else {
            return html.element("div", ["class": "empty"]) { html in
                html.element("h1", texts("meter.gone"))
                html.element("p", texts("meter.gone.hint", String(id.prefix(100))))
                html.element("p") { html in html.element("a", ["href": "../"], texts("meter.back")) }
            }
        }
        html.element("header", ["class": "view meter"]) { html in head(meter, &html) }
        ChartPanel(meter: meter, texts: texts).write(&html)
        html.element("section", ["class": "panel"]) { html in
            html.element("h2", texts("meter.registers"))
            RegisterTable(meter: meter, data: data, texts: texts).write(&html)
        }
        html.element("section", ["class": "panel"]) { html in
            html.element("h2", texts("message.title"))
            MessagePanel(last: data.last, data: data, texts: texts).write(&html)
        }
        MeterOrders(meter: meter, data: data, texts: texts).write(&html)
    }

    private func head(_ meter: MeterGlance, _ html: inout HTMLWriter) {
        html.element("p", ["class": "back"]) { html in html.element("a", ["href": "../"], "← " + texts("meter.back")) }
        html.element("h1") { html in
            html.text(meter.name ?? meter.id)
            Badges(meter: meter, isRepaired: data.last?.reading.fixes.isEmpty == false, texts: texts).write(&html)
        }
        html.element("div", ["class": "now"]) { html in
            if let power = NetPower(meter) {
                html.element("div", ["class": "hero"]) { html in
                    PowerNumber(power: power, role: meter.role, texts: texts).write(
                        "m", isOnline: meter.isOnline != false, &html)
                    Age(meter.received, data: data, texts: texts).write("m.age", &html)
                }
                html.element("div", ["class": "hour"]) { html in
                    Sparkline(points: data.power[meter.id] ?? [], interval: meter.interval, texts: texts).write(
                        "m", &html)
                }
            } else {
                Age(meter.received, data: data, texts: texts).write("m.age", &html)
            }
            html.element("div", ["class": "amounts"]) { html in
                EnergyTable(meter: meter, days: data.days[meter.id] ?? [:], data: data, texts: texts, showsTotals: true)
                    .write(
                        "m", &html)
                DemandGauge(meter: meter, texts: texts, showsYear: true).write("m", &html)
            }
        }
        facts(meter, &html)
    }

    private func facts(_ meter: MeterGlance, _ html: inout HTMLWriter) {
        let model = [meter.manufacturer, meter.model].compactMap(\.self).joined(separator: " ")
        let sources = meter.devices.map(\.source).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let interval = meter.interval.map { interval in
            texts("meter.seconds", "\(ExactDecimal(interval.milliseconds, exponent: -3).rounded(toDecimals: 1))")
        }
        let clock = meter.devices.lazy.compactMap(\.clock).first.map { Shown.clock($0, texts) }
        let facts: [(key: String, value: String?)] = [
            ("meter.id", meter.name == nil ? nil : meter.id), ("meter.serial", meter.serial), ("meter.model", model),
            ("meter.role", meter.role.map { texts("meter.role.\($0.rawValue)") }), ("meter.tariff", meter.tariffName),
            ("meter.source", sources.joined(separator: ", ")), ("meter.clock", clock),
        ]
        html.element("dl", ["class": "facts"]) { html in
            for (key, value) in facts {
                guard let value, !value.isEmpty else { continue }
                html.element("div") { html in
                    html.element("dt", texts(key))
                    html.element("dd", value)
                }
            }
            if let interval {
                html.element("div") { html in
                    html.element("dt", texts("meter.interval"))
                    html.slot("m.interval", "dd", interval)
                }
            }
        }
    }
}

/// The registers of a meter, in groups.
struct RegisterTable {
    let meter: MeterGlance
    let data: PageData
    let texts: Texts

    private static let groups = ["energy", "power", "grid", "other"]

    func write(_ html: inout HTMLWriter) {
        let groups = Dictionary(grouping: meter.registers, by: Self.group)
        html.element("table", ["class": "registers"]) { html in
            html.element("thead") { html in
                html.element("tr") { html in
                    html.element("th", ["scope": "col"], texts("meter.column.name"))
                    html.element("th", ["scope": "col", "class": "code"], texts("meter.column.code"))
                    html.element("th", ["scope": "col", "class": "value"], texts("meter.column.value"))
                    html.element("th", ["scope": "col", "class": "when"], texts("meter.column.age"))
                    html.element("th", ["scope": "col", "class": "remark"], texts("meter.column.remark"))
                }
            }
            for group in Self.groups {
                guard let registers = groups[group] else { continue }
                html.element("tbody") { html in
                    html.element("tr", ["class": "group"]) { html in
                        html.element("th", ["colspan": "5", "scope": "rowgroup"], texts("group.\(group)"))
                    }
                    for register in registers.sorted(by: { $0.value.obis < $1.value.obis }) { row(register, &html) }
                }
            }
        }
    }

    private func row(_ register: MeterGlance.Register, _ html: inout HTMLWriter) {
        let code = register.value.obis.description
        let name = register.alias.map { HomeAssistantNames.english.register($0) } ?? code
        html.element("tr", ["data-quality": register.held != nil ? "held" : register.isStale ? "stale" : nil]) { html in
            html.element("th", ["scope": "row"], name)
            html.element("td", ["class": "code"], code)
            html.element("td", ["class": "value"]) { html in
                html.slot("r.\(code)", "b", Self.text(register.value.value))
                html.element("span", ["class": "unit"], Shown.unit(register.value.unit))
            }
            html.element("td", ["class": "when"]) { html in
                Age(register.time, data: data, texts: texts).write("r.\(code).age", &html)
            }
            html.slot("r.\(code).remark", "td", ["class": "remark"], remark(register))
        }
    }

    private func remark(_ register: MeterGlance.Register) -> String {
        if let held = register.held { return texts("quality.held", Shown.number(held)) }
        if register.isPrevious { return texts("quality.previous") }
        if register.isStale { return texts("quality.stale") }
        return register.value.isDerived ? texts("quality.derived") : ""
    }

    static func text(_ value: RegisterValue.Value) -> String {
        switch value {
        case .number(let number): Shown.number(number)
        case .text(let text): String(text.prefix(200))
        case .list(let entries): entries.prefix(20).map { Shown.number($0.value) }.joined(separator: ", ")
        }
    }

    private static func group(_ register: MeterGlance.Register) -> String {
        let obis = register.value.obis
        if obis.isCounter { return "energy" }
        switch register.value.unit?.dimension {
        case .activePower, .reactivePower, .apparentPower: return "power"
        case .voltage, .current, .frequency: return "grid"
        default: return "other"
        }
    }
}

/// The last message of a meter beside its harmonised values, with a sentence for each repair.
struct MessagePanel {
    let last: LiveModel.LastMessage?
    let data: PageData
    let texts: Texts

    private static let rules = "https://github.com/obis-bridge/obis-bridge/blob/main/docs/fixes.md"

    func write(_ html: inout HTMLWriter) {
        guard let last else { return html.element("p", ["class": "dim"], texts("message.none")) }
        html.element("div", ["class": "sides"]) { html in
            html.element("div") { html in
                html.element("h3", texts("message.raw"))
                html.slot("raw.topic", "p", ["class": "topic"], last.topic)
                let lines = Self.lines(last.payload)
                // The number of lines is part of the page's shape.
                html.element("pre", ["tabindex": "0"]) { html in
                    for (index, line) in lines.enumerated() { html.slot("raw.\(index)", "span", line) }
                }
                if !last.isWhole { html.element("p", ["class": "dim"], texts("message.cut")) }
            }
            html.element("div") { html in
                html.element("h3", texts("message.harmonised"))
                html.slot(
                    "time", "p", ["class": "topic"],
                    "\(Shown.moment(last.reading.time, in: data.zone)) (\(texts("message.time.\(last.reading.clock.rawValue)")))"
                )
                html.element("pre", ["tabindex": "0"]) { html in
                    for register in last.reading.registers.prefix(200) {
                        html.slot("h.\(register.obis)", "span", Self.text(register))
                    }
                }
            }
        }
        fixes(last.reading.fixes, &html)
    }

    private func fixes(_ fixes: [Fix], _ html: inout HTMLWriter) {
        guard !fixes.isEmpty else { return html.element("p", ["class": "good"], texts("message.good")) }
        html.element("h3", texts("fix.title"))
        html.element("ul", ["class": "fixes"]) { html in
            for fix in fixes {
                let rule = fix.rule.rawValue
                html.element("li", ["class": fix.rule.level.rawValue]) { html in
                    html.element("p") { html in
                        html.element("b", texts.explanation(ofRule: rule))
                        html.text(" ")
                        html.element(
                            "a",
                            [
                                "href": "\(Self.rules)#\(rule.filter { $0 != "." })", "rel": "noreferrer",
                                "target": "_blank", "title": texts("fix.more"),
                            ], rule)
                    }
                    html.slot("fix.\(rule)", "p", ["class": "dim"], details(fix))
                }
            }
        }
    }

    private func details(_ fix: Fix) -> String {
        var parts = fix.fields.isEmpty ? [] : [texts("fix.about", fix.fields.prefix(6).joined(separator: ", "))]
        if let original = fix.original { parts.append(texts("fix.sent", String(original.prefix(80)))) }
        if let by = fix.by { parts.append(texts("fix.by", by)) }
        return parts.joined(separator: " · ")
    }

    private static func text(_ register: RegisterValue) -> String {
        let code = register.obis.description
        let padding = String(repeating: " ", count: max(1, 13 - code.utf8.count))
        return "\(code)\(padding)\(register.value) \(register.unit?.symbol ?? "")"
    }

    /// The payload's lines if it is UTF-8, else its first 512 bytes in hexadecimal.
    static func lines(_ payload: [UInt8]) -> [String] {
        guard let text = String(validating: payload, as: UTF8.self) else {
            let digits = Array("0123456789abcdef".utf8)
            let hex = payload.prefix(512).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)], UInt8(ascii: " ")] }
            return [String(decoding: hex, as: UTF8.self)]
        }
        return Shown.lines(text)
    }
}
