// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The overview, with one card per meter.
struct OverviewView {
    let data: PageData
    let texts: Texts

    /// The number of meters from which a search field appears.
    private static let searchable = 7

    /// The cards by meter id.
    var cards: [String: HTMLWriter] {
        Dictionary(
            data.meters.map { meter in
                var html = HTMLWriter(capacity: 4096)
                MeterCard(meter: meter, data: data, texts: texts).write(&html)
                return (meter.id, html)
            }
        ) { first, _ in first }
    }

    /// The numbers of meters in one line.
    var summary: HTMLWriter {
        let totals = data.totals
        let count = totals.online + totals.offline + totals.unknown
        var parts = [texts.count("overview.count", count)]
        if totals.online > 0, totals.online < count { parts.append(texts("overview.online", "\(totals.online)")) }
        if totals.online > 0, totals.online == count { parts.append(texts("overview.all-online")) }
        if totals.offline > 0 { parts.append(texts("overview.offline", "\(totals.offline)")) }
        if totals.heldRegisters > 0 { parts.append(texts.count("overview.held", totals.heldRegisters)) }
        var html = HTMLWriter(capacity: 256)
        html.slot("summary", "p", ["class": "summary"], parts.joined(separator: " · "))
        return html
    }

    func write(_ parts: [String: HTMLWriter], _ html: inout HTMLWriter) {
        let meters = data.meters.sorted { Self.order($0) < Self.order($1) }
        html.element("header", ["class": "view"]) { html in
            html.element("h1", texts("title.overview"))
            if !meters.isEmpty, let summary = parts[""] { html.include(summary) }
            if meters.count >= Self.searchable {
                html.void(
                    "input",
                    [
                        "type": "search", "class": "search", "data-filter": "article.card",
                        "placeholder": texts("overview.search"), "aria-label": texts("overview.search"),
                    ])
            }
        }
        Missing(data: data, texts: texts).write(&html)
        guard !meters.isEmpty else {
            return html.element("div", ["class": "empty"]) { html in
                html.element("h2", texts("overview.none"))
                html.element("p", texts("overview.none.hint"))
                html.element("p") { $0.element("a", ["href": PageView.sources.path], texts("overview.none.link")) }
            }
        }
        html.element("div", ["class": "cards"]) { html in
            for meter in meters { if let card = parts[meter.id] { html.include(card) } }
        }
        if meters.count >= Self.searchable {
            html.element("p", ["class": "nothing-found", "hidden": ""], texts("overview.nothing-found"))
        }
    }

    private static func order(_ meter: MeterGlance) -> String {
        (meter.name ?? meter.id).lowercased() + "\0" + meter.id
    }
}

/// The card of one meter.
struct MeterCard {
    let meter: MeterGlance
    let data: PageData
    let texts: Texts

    private var key: String { "m.\(meter.id)" }

    func write(_ html: inout HTMLWriter) {
        html.element("article", ["class": "card", "data-name": "\(meter.name ?? "") \(meter.id)".lowercased()]) {
            html in
            html.element("header") { html in
                html.element("h2") { html in
                    html.element("a", ["href": PageView.meter(meter.id).path], meter.name ?? meter.id)
                }
                Badges(meter: meter, isRepaired: data.repaired.contains(meter.id), texts: texts).write(&html)
            }
            if let power = NetPower(meter) {
                PowerNumber(power: power, role: meter.role, texts: texts).write(
                    key, isOnline: meter.isOnline != false, &html)
                if let points = data.power[meter.id] {
                    Sparkline(points: points, interval: meter.interval, texts: texts).write(key, &html)
                }
            }
            DemandGauge(meter: meter, texts: texts).write(key, &html)
            EnergyTable(meter: meter, days: data.days[meter.id] ?? [:], data: data, texts: texts).write(key, &html)
            html.element("footer") { html in
                html.element("span", meter.devices.first?.source ?? "")
                Age(meter.received, data: data, texts: texts).write("\(key).age", &html)
            }
        }
    }
}

/// The counters of a meter: today, yesterday up to the same time, and total.
struct EnergyTable {
    let meter: MeterGlance
    let days: [OBISCode: DayAmount]
    let data: PageData
    let texts: Texts
    /// True to show the totals always; false to show them only while no amount of yesterday is known.
    var showsTotals = false

    func write(_ key: String, _ html: inout HTMLWriter) {
        // A house that exports nothing needs no line for the export.
        var counters = CardCounter.all(of: meter, days).filter { !($0.alias == "energy_export" && $0.value.isZero) }
        if meter.role == .pv, let production = counters.firstIndex(where: { $0.alias == "energy_export" }) {
            counters.insert(counters.remove(at: production), at: 0)
        }
        guard !counters.isEmpty else { return }
        let hasDays = counters.contains { $0.day != nil }
        let hasYesterday = counters.contains { $0.day?.yesterday != nil }
        let hasTotals = showsTotals || !hasYesterday
        html.element("table", ["class": "energies"]) { html in
            html.element("thead") { html in
                html.element("tr") { html in
                    html.element("td", "")
                    if hasDays {
                        html.element("th", ["scope": "col", "title": since(counters)], texts("energy.today"))
                    }
                    if hasYesterday {
                        html.element(
                            "th", ["scope": "col", "title": texts("energy.yesterday.hint")], texts("energy.yesterday"))
                    }
                    if hasTotals { html.element("th", ["scope": "col"], texts("energy.total")) }
                }
            }
            html.element("tbody") { html in
                for counter in counters {
                    html.element("tr", ["class": counter.alias]) { html in
                        html.element("th", ["scope": "row"]) { html in
                            html.text(texts.word("energy", counter.word, of: meter.role))
                            html.element("span", ["class": "unit"], Shown.unit(counter.unit))
                        }
                        if hasDays {
                            html.element("td") { html in
                                html.slot("\(key).\(counter.alias).d", "b", shown(counter.day?.today, counter, 2))
                            }
                        }
                        if hasYesterday {
                            html.slot("\(key).\(counter.alias).y", "td", shown(counter.day?.yesterday, counter, 2))
                        }
                        if hasTotals {
                            html.slot(
                                "\(key).\(counter.alias)", "td", ["class": "total"], shown(counter.value, counter, 1))
                        }
                    }
                }
            }
        }
    }

    /// The start of today's amounts, when it is not midnight.
    private func since(_ counters: [CardCounter]) -> String? {
        counters.lazy.compactMap { $0.day?.since }.max().map { texts("energy.since", Shown.moment($0, in: data.zone)) }
    }

    private func shown(_ value: ExactDecimal?, _ counter: CardCounter, _ decimals: Int) -> String {
        guard let value else { return "–" }
        return Shown.number(value, decimals: counter.unit?.symbol == "m³" ? decimals + 1 : decimals)
    }
}

/// A counter that a card shows.
struct CardCounter {
    let alias: String
    let value: ExactDecimal
    let unit: Unit?
    let day: DayAmount?

    /// The key of the counter's text.
    var word: String { alias.hasPrefix("energy_") ? String(alias.dropFirst("energy_".count)) : alias }

    /// The counters of a meter, in the order of a card.
    static func all(of meter: MeterGlance, _ days: [OBISCode: DayAmount]) -> [CardCounter] {
        ["energy_import", "energy_export", "gas", "water", "warm_water", "heat", "cooling"].compactMap { alias in
            if let counter = counter(alias, of: meter, days) { return counter }
            // A meter that counts only by tariff.
            let tariffs = [1, 2].compactMap { counter("\(alias)_t\($0)", of: meter, days) }
            guard tariffs.count == 2, tariffs[0].unit == tariffs[1].unit,
                let sum = tariffs[0].value.adding(tariffs[1].value)
            else { return nil }
            return CardCounter(alias: alias, value: sum, unit: tariffs[0].unit, day: DayAmount(tariffs.map(\.day)))
        }
    }

    private static func counter(_ alias: String, of meter: MeterGlance, _ days: [OBISCode: DayAmount]) -> CardCounter? {
        guard let register = meter.register(alias), case .number(let value) = register.value.value else { return nil }
        return CardCounter(
            alias: alias, value: value, unit: register.value.unit, day: days[register.value.obis])
    }
}

extension DayAmount {
    /// The sum of two tariffs' amounts; nil when one of them is not known.
    fileprivate init?(_ tariffs: [DayAmount?]) {
        let known = tariffs.compactMap(\.self)
        guard known.count == 2, let today = known[0].today.adding(known[1].today) else { return nil }
        let yesterday = known[0].yesterday.flatMap { first in known[1].yesterday.flatMap(first.adding) }
        self.init(today: today, since: known.compactMap(\.since).max(), yesterday: yesterday)
    }
}

/// The net power of a meter, from its newest values.
struct NetPower {
    let watts: ExactDecimal

    /// Nil when the meter sends no power, or its import and export are of different moments.
    init?(_ meter: MeterGlance) {
        if let power = meter.register("power")?.watts {
            watts = power
            return
        }
        guard let importing = meter.register("power_import"), let value = importing.watts else { return nil }
        guard let exporting = meter.register("power_export") else {
            watts = value
            return
        }
        guard exporting.time == importing.time, let out = exporting.watts, let net = value.subtracting(out) else {
            return nil
        }
        watts = net
    }

    /// The direction of the power: `import`, `export` or `idle`.
    var direction: String { watts.isZero ? "idle" : watts.isNegative ? "export" : "import" }
}

extension MeterGlance {
    func register(_ alias: String) -> Register? { registers.first { $0.alias == alias } }
}

extension MeterGlance.Register {
    fileprivate var watts: ExactDecimal? {
        guard value.unit?.symbol == "W", case .number(let number) = value.value else { return nil }
        return number
    }
}
