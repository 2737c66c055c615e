// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The activity of each source, and the rejected messages.
struct SourcesView {
    let data: PageData
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        html.element("header", ["class": "view"]) { html in html.element("h1", texts("title.sources")) }
        Missing(data: data, texts: texts).write(&html)
        if data.sources.isEmpty {
            html.element("div", ["class": "empty"]) { html in
                html.element("h2", texts("sources.none"))
                html.element("p", texts("sources.none.hint"))
            }
        }
        html.element("div", ["class": "cards wide"]) { html in
            for source in data.sources { SourceCard(source: source, data: data, texts: texts).write(&html) }
        }
        rejects(&html)
        if let discovery = data.discovery {
            DiscoveryPanel(discovery: discovery, data: data, texts: texts).write(&html)
        }
    }

    private func rejects(_ html: inout HTMLWriter) {
        html.element("section", ["class": "panel"]) { html in
            html.element("h2", texts("rejects.title"))
            guard !data.rejects.isEmpty else {
                return html.element("p", ["class": "good"], texts("rejects.none.hint"))
            }
            for reject in data.rejects {
                html.element("details", ["class": "reject"]) { html in
                    html.element("summary") { html in
                        html.element("b", reject.reason)
                        html.text(" ")
                        html.element("span", reject.detail)
                        html.text(" ")
                        if let time = RFC3339.instant(reject.received) {
                            html.element(
                                "time", ["class": "age", "data-age": "", "datetime": time.rfc3339],
                                Shown.moment(time, in: data.zone))
                        }
                    }
                    html.element("p", ["class": "topic"], "\(reject.source) · \(reject.topic)")
                    html.element("pre", ["tabindex": "0", "aria-label": texts("rejects.payload")]) { html in
                        for line in Shown.lines(reject.payload) { html.element("span", line) }
                    }
                }
            }
        }
    }
}

/// The card of one source.
struct SourceCard {
    let source: SourceGlance
    let data: PageData
    let texts: Texts

    private var key: String { "s.\(source.name)" }

    func write(_ html: inout HTMLWriter) {
        html.element("article", ["class": "card source"]) { html in
            html.element("header") { html in
                html.element("h2", source.name.isEmpty ? texts("sources.others") : source.name)
                html.element("span", ["class": "badges"]) { html in
                    if source.counts.received == 0, !source.name.isEmpty { badge("stale", "silent", &html) }
                    if !source.clocks.isEmpty { badge("held", "clock", &html) }
                }
            }
            html.element("p", ["class": "dim"]) { html in
                if source.name.isEmpty { html.text(texts("sources.others.hint")) }
                html.text([source.adapter, source.place.map(Self.short)].compactMap(\.self).joined(separator: " · "))
            }
            topics(&html)
            html.element("dl", ["class": "counts"]) { html in
                fact("messages", Shown.grouped("\(source.counts.received)"), "good", &html)
                if !source.name.isEmpty {
                    fact("rate", source.activity.rate.map { texts("sources.a-minute", "\($0)") } ?? "–", "good", &html)
                    fact("readings", Shown.grouped("\(source.counts.readings)"), "good", &html)
                }
                let ignored = source.counts.ignored.values.reduce(0, +)
                if ignored > 0 { fact("ignored", Shown.grouped("\(ignored)"), "good", &html) }
                let rejected = source.counts.rejected.values.reduce(0, +)
                fact("rejected", Shown.grouped("\(rejected)"), rejected > 0 ? "doubt" : "good", &html)
                if let last = source.activity.last {
                    html.element("div") { html in
                        html.element("dt", texts("sources.last"))
                        html.element("dd") { html in Age(last, data: data, texts: texts).write("\(key).last", &html) }
                    }
                }
            }
            if !source.clocks.isEmpty {
                html.element("ul", ["class": "remarks"]) { html in
                    for clock in source.clocks.prefix(5) {
                        html.element(
                            "li", texts("sources.clock.meter", clock.meter, Shown.clock(clock.ahead, texts)))
                    }
                }
            }
            list(source.counts.rejected.map { ($0.key.rawValue, $0.value) }, "doubt", &html)
            list(source.counts.fixes.map { ($0.key.rawValue, $0.value) }, "repair", &html)
        }
    }

    /// `bridge.yaml:4`: a place without the directories of its path.
    private static func short(_ place: String) -> String {
        place.lastIndex(of: "/").map { String(place[place.index(after: $0)...]) } ?? place
    }

    private func badge(_ style: String, _ word: String, _ html: inout HTMLWriter) {
        html.element(
            "span", ["class": "badge \(style)", "title": texts("sources.\(word).hint")], texts("sources.\(word)"))
    }

    private func topics(_ html: inout HTMLWriter) {
        let topics = source.activity.topics.isEmpty ? source.filters : source.activity.topics
        guard !topics.isEmpty else { return }
        html.element("ul", ["class": "topics"]) { html in
            for topic in topics.prefix(4) { html.element("li", topic) }
            if topics.count > 4 || source.activity.hasMoreTopics { html.element("li", "…") }
        }
    }

    private func fact(_ word: String, _ text: String, _ state: String, _ html: inout HTMLWriter) {
        html.element("div") { html in
            html.element("dt", texts("sources.\(word)"))
            html.slot("\(key).\(word)", "dd", text, live: ["data-state": state])
        }
    }

    private func list(_ counts: [(String, Int)], _ kind: String, _ html: inout HTMLWriter) {
        guard !counts.isEmpty else { return }
        html.element("ul", ["class": "rules \(kind)"]) { html in
            for (name, number) in counts.sorted(by: { ($1.1, $0.0) < ($0.1, $1.0) }) {
                html.element("li", ["title": kind == "repair" ? texts.explanation(ofRule: name) : nil]) { html in
                    html.element("span", name)
                    html.text(" ")
                    html.slot("\(key).\(name)", "b", Shown.grouped("\(number)"))
                }
            }
        }
    }
}
