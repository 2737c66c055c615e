// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The panel in which the script draws a meter's charts. The script fetches the history itself, and shows a note when
/// there is none.
struct ChartPanel {
    let meter: MeterGlance
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        let settings = self.settings
        guard let settings else { return }
        // `data-keep`: the user's choices survive when the rest of the page is rebuilt.
        html.element("section", ["class": "panel chart", "data-keep": "chart", "data-chart": settings]) { html in
            html.element("header") { html in
                html.element("h2", texts("chart.title"))
                html.element("div", ["class": "tabs", "role": "group", "aria-label": texts("chart.title")]) { html in
                    for word in words {
                        html.element(
                            "button", ["type": "button", "data-tab": word, "aria-pressed": "false"],
                            texts("chart.\(word)"))
                    }
                }
            }
            html.element("div", ["class": "steps"]) { html in
                html.element(
                    "button", ["type": "button", "data-step": "-1", "aria-label": texts("chart.earlier")], "‹")
                html.element("output", ["class": "range"], "")
                html.element("button", ["type": "button", "data-step": "1", "aria-label": texts("chart.later")], "›")
                html.element("span", ["class": "readout", "aria-live": "polite"], "")
                html.element("a", ["class": "csv", "hidden": "", "download": ""], "CSV")
            }
            html.element("div", ["class": "plot", "role": "img", "aria-label": texts("chart.title")]) { _ in }
            html.element("p", ["class": "dim note"], "")
        }
    }

    private var power: String? {
        ["power", "power_import"].lazy.compactMap { meter.register($0)?.value.obis.description }.first
    }

    private var peaks: String? { meter.register("demand_import_max")?.value.obis.description }

    private var counters: [CardCounter] {
        CardCounter.all(of: meter, [:]).filter { !($0.alias == "energy_export" && $0.value.isZero) }
    }

    private var words: [String] {
        (power == nil ? [] : ["hour", "day"]) + (counters.isEmpty ? [] : ["energy-day", "week", "month", "year"])
            + (peaks == nil ? [] : ["peaks"])
    }

    /// The script's settings as JSON; nil when there is nothing to draw.
    private var settings: String? {
        guard power != nil || !counters.isEmpty else { return nil }
        var writer = JSONWriter()
        writer.object { json in
            json.member("meter", PageView.encoded(meter.id))
            json.member("power", power)
            json.member("peaks", peaks)
            json.key("counters")
            json.array { json in
                for counter in counters {
                    json.object { json in
                        json.member("name", texts.word("energy", counter.word, of: meter.role))
                        json.member("kind", counter.word)
                        json.member("unit", Shown.unit(counter.unit))
                        json.key("registers")
                        json.array { json in for obis in codes(counter.alias) { json.string(obis) } }
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The register of an alias, or the registers of its tariffs.
    private func codes(_ alias: String) -> [String] {
        let tariffs = [1, 2].compactMap { meter.register("\(alias)_t\($0)")?.value.obis.description }
        // A register that the meter sends itself is the most exact, and has the longest history.
        guard let register = meter.register(alias), !register.value.isDerived || tariffs.isEmpty else { return tariffs }
        return [register.value.obis.description]
    }
}

/// The buttons that accept held values or forget a meter, each with a confirmation.
struct MeterOrders {
    let meter: MeterGlance
    let data: PageData
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        html.element("section", ["class": "panel orders"]) { html in
            html.element("h2", texts("orders.title"))
            guard !data.isReadOnly else { return html.element("p", ["class": "dim"], texts("orders.read-only")) }
            if meter.held > 0 {
                html.element("p", ["class": "dim"], texts("orders.accept.hint"))
                button("accept", &html)
            }
            html.element("p", ["class": "dim"], texts("orders.forget.hint"))
            button("forget", &html)
        }
    }

    private func button(_ word: String, _ html: inout HTMLWriter) {
        html.element("p") { html in
            html.element(
                "button",
                [
                    "type": "button", "class": word == "forget" ? "danger" : nil, "data-order": word,
                    "data-meter": PageView.encoded(meter.id),
                    "data-question": texts("orders.\(word).question", meter.name ?? meter.id),
                ], texts("orders.\(word)"))
        }
    }
}
