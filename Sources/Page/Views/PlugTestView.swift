// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The plug-test of the running bridge: its verdicts by meter and register.
struct PlugTestView {
    let data: PageData
    let texts: Texts

    private static let signs = [
        "as sent": "✓", "repaired": "✎", "derived": "∑", "absent": "–", "wrong": "✗", "not observed": "…",
    ]

    func write(_ html: inout HTMLWriter) {
        html.element("header", ["class": "view"]) { html in html.element("h1", texts("title.plug-test")) }
        guard let test = data.plugTest else { return }
        html.element("section", ["class": "panel"]) { html in
            html.element("p", ["class": "dim"], texts("plugtest.hint"))
            html.element("div", ["class": "row"]) { html in
                if data.isReadOnly {
                    html.element("span", ["class": "dim"], texts("orders.read-only"))
                } else if test.isRunning {
                    html.element("button", ["type": "button", "data-post": "plug-test/stop"], texts("plugtest.stop"))
                } else {
                    html.element(
                        "button", ["type": "button", "class": "primary", "data-post": "plug-test/start"],
                        texts(test.started == nil ? "plugtest.start" : "plugtest.again"))
                }
                if let started = test.started {
                    html.element("span", ["class": "dim"]) { html in
                        html.text(texts("plugtest.since") + " ")
                        Age(started, data: data, texts: texts).write("t.age", &html)
                        html.text(" · ")
                        html.slot("t.messages", "span", texts.count("plugtest.messages", test.messages))
                    }
                }
            }
            if let problem = test.problem { html.element("p", ["class": "bad"], problem) }
            if test.started != nil {
                html.element("p", ["class": "row"]) { html in
                    for (file, word) in [
                        ("report.html", "HTML"), ("report.md", "Markdown"), ("report.csv", "CSV"),
                        ("report.json", "JSON"),
                        ("recording.jsonl", texts("plugtest.recording")),
                    ] {
                        html.element("a", ["class": "button", "href": "page/plug-test/\(file)", "download": ""], word)
                    }
                }
            }
        }
        guard !test.rows.isEmpty else { return }
        matrix(test, &html)
        html.element("div", ["class": "cards wide"]) { html in for row in test.rows { self.row(row, &html) } }
    }

    private func matrix(_ test: PlugTestGlance, _ html: inout HTMLWriter) {
        html.element("section", ["class": "panel"]) { html in
            html.element("h2") { html in
                html.text(texts("plugtest.matrix"))
                html.element("span", ["class": "badges"]) { html in verdict(test.verdict, &html) }
            }
            html.element(
                "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": texts("plugtest.matrix")]
            ) {
                html in
                html.element("table", ["class": "matrix"]) { html in
                    html.element("thead") { html in
                        html.element("tr") { html in
                            html.element("th", ["scope": "col"], texts("plugtest.row"))
                            html.element("th", ["scope": "col"], texts("plugtest.sent"))
                            html.element("th", ["scope": "col"], texts("plugtest.harmonised"))
                            for column in test.columns {
                                html.element(
                                    "th", ["scope": "col", "class": "code", "title": column.name],
                                    Self.short(column.code))
                            }
                        }
                    }
                    html.element("tbody") { html in
                        for row in test.rows {
                            html.element("tr") { html in
                                html.element("th", ["scope": "row"], row.name)
                                html.element("td") { html in verdict(row.sent, &html) }
                                html.element("td") { html in verdict(row.harmonised, &html) }
                                for (column, cell) in zip(test.columns, row.cells) {
                                    let note = [cell.state, cell.value, cell.note].filter { !$0.isEmpty }.joined(
                                        separator: " · ")
                                    html.slot(
                                        "t.\(row.name).\(column.code)", "td", ["class": "cell"],
                                        Self.signs[cell.state] ?? "?",
                                        live: ["data-state": cell.state, "title": note])
                                }
                            }
                        }
                    }
                }
            }
            html.element("p", ["class": "legend"]) { html in
                for state in ["as sent", "repaired", "derived", "absent", "wrong", "not observed"] {
                    html.element("span") { html in
                        html.element("span", ["class": "cell", "data-state": state], Self.signs[state] ?? "")
                        html.text(" " + texts("plugtest.state.\(state)"))
                    }
                }
            }
        }
    }

    private func row(_ row: PlugTestGlance.Row, _ html: inout HTMLWriter) {
        html.element("article", ["class": "card"]) { html in
            html.element("header") { html in
                html.element("h2", row.name)
                html.element("span", ["class": "badges"]) { html in verdict(row.harmonised, &html) }
            }
            html.element("p", ["class": "dim"], row.subtitle)
            html.element("dl", ["class": "counts"]) { html in
                for fact in row.facts where fact.value != "-" && !fact.value.isEmpty {
                    html.element("div") { html in
                        html.element("dt", fact.name)
                        html.slot("t.\(row.name).\(fact.name)", "dd", fact.value)
                    }
                }
            }
            if !row.findings.isEmpty {
                html.element("ul", ["class": "fixes"]) { html in
                    for (index, finding) in row.findings.prefix(12).enumerated() {
                        html.element(
                            "li", ["class": ["fail", "incomplete"].contains(finding.verdict) ? "doubt" : "repair"]
                        ) { html in
                            html.slot("t.\(row.name).f\(index)", "span", finding.text)
                        }
                    }
                }
            }
        }
    }

    private func verdict(_ word: String, _ html: inout HTMLWriter) {
        let style =
            switch word {
            case "pass": "fine"
            case "pass with repairs": "repaired"
            case "fail": "offline"
            case "incomplete": "held"
            default: "quiet"
            }
        html.element("span", ["class": "badge \(style)"], word)
    }

    /// `1.8.0` of `1-0:1.8.0`.
    private static func short(_ code: String) -> String {
        code.firstIndex(of: ":").map { String(code[code.index(after: $0)...]) } ?? code
    }
}
