// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The bridge's health and its newest log lines.
struct LogView {
    let data: PageData
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        html.element("header", ["class": "view"]) { html in html.element("h1", texts("title.log")) }
        Missing(data: data, texts: texts).write(&html)
        if let health = data.health { self.health(health, &html) }
        html.element("section", ["class": "panel"]) { html in
            html.element("h2", texts("log.lines"))
            guard !data.log.isEmpty else { return html.element("p", ["class": "dim"], texts("log.none")) }
            html.element("ol", ["class": "log"]) { html in
                for entry in data.log {
                    html.element("li", ["class": Self.word(entry.level)]) { html in
                        html.element(
                            "time", ["datetime": entry.time.rfc3339, "title": Shown.moment(entry.time, in: data.zone)],
                            String(Shown.moment(entry.time, in: data.zone).suffix(8)))
                        html.element("span", ["class": "level"], entry.level)
                        html.element("span", entry.message)
                    }
                }
            }
        }
    }

    /// The CSS class for a log level.
    private static func word(_ level: String) -> String {
        ["warning", "error", "critical"].contains(level) ? (level == "warning" ? "warn" : "bad") : "fine"
    }

    private func health(_ health: HealthGlance, _ html: inout HTMLWriter) {
        if let problem = health.configurationProblem {
            html.element("div", ["class": "warning", "role": "status"]) { html in
                html.element("b", texts("health.configuration"))
                html.element("pre", ["tabindex": "0"], problem)
            }
        }
        html.element("section", ["class": "panel"]) { html in
            html.element("h2", texts("health.title"))
            html.element("dl", ["class": "counts"]) { html in
                connection("input", health.input, &html)
                connection("output", health.output, &html)
                fact("received", Shown.grouped("\(health.received)"), &html)
                fact("readings", Shown.grouped("\(health.readings)"), &html)
                fact("publications", Shown.grouped("\(health.publications)"), &html)
                fact(
                    "rejected", Shown.grouped("\(health.rejected)"), state: health.rejected > 0 ? "doubt" : "good",
                    &html)
                fact("memory", health.memory.map(Shown.bytes) ?? "–", &html)
                age("started", health.started, &html)
                age("configured", health.configured, &html)
            }
            if !health.remarks.isEmpty {
                html.element("ul", ["class": "remarks"]) { html in
                    for remark in health.remarks { html.element("li", remark) }
                }
            }
        }
    }

    private func connection(
        _ side: String, _ state: (isConnected: Bool, reconnects: Int), _ html: inout HTMLWriter
    ) {
        let word = texts(state.isConnected ? "health.connected" : "health.disconnected")
        let more = state.reconnects > 0 ? " " + texts.count("health.reconnects", state.reconnects) : ""
        fact(side, word + more, state: state.isConnected ? "good" : "bad", &html)
    }

    private func fact(_ word: String, _ text: String, state: String = "plain", _ html: inout HTMLWriter) {
        html.element("div") { html in
            html.element("dt", texts("health.\(word)"))
            html.slot("h.\(word)", "dd", text, live: ["data-state": state])
        }
    }

    private func age(_ word: String, _ time: Timestamp, _ html: inout HTMLWriter) {
        html.element("div") { html in
            html.element("dt", texts("health.\(word)"))
            html.element("dd") { html in Age(time, data: data, texts: texts).write("h.\(word)", &html) }
        }
    }
}
