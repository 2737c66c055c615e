// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The panel for discovery: it listens to the whole broker for a minute and proposes sources for topics that no source
/// reads.
struct DiscoveryPanel {
    let discovery: DiscoveryGlance
    let data: PageData
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        html.element("section", ["class": "panel discovery"]) { html in
            html.element("h2", texts("discover.title"))
            html.element("p", ["class": "dim"], texts("discover.hint"))
            if discovery.isRunning, let started = discovery.started {
                let gone = max(0, (data.now - started).seconds)
                html.element("div", ["class": "progress"]) { html in
                    html.slot(
                        "discover", "progress",
                        ["max": "\(discovery.seconds)", "aria-label": texts("discover.running")], "",
                        live: ["value": "\(min(Int64(discovery.seconds), gone))"])
                    html.element("span", texts("discover.running"))
                }
            } else if data.isReadOnly {
                html.element("p", ["class": "dim"], texts("orders.read-only"))
            } else {
                html.element("p") { html in
                    html.element(
                        "button", ["type": "button", "class": "primary", "data-post": "discover"],
                        texts("discover.start", "\(discovery.seconds)"))
                }
            }
            if let problem = discovery.problem { html.element("p", ["class": "bad"], problem) }
            if let report = discovery.report {
                html.element("pre", ["tabindex": "0", "aria-label": texts("discover.title")]) { html in
                    for line in Shown.lines(report) { html.element("span", line) }
                }
                guard let yaml = discovery.yaml else { return }
                html.element("div", ["class": "proposal"]) { html in
                    html.element("h3", texts("discover.proposal"))
                    html.element("button", ["type": "button", "data-copy": "#proposal"], texts("copy"))
                }
                html.element("pre", ["tabindex": "0", "id": "proposal"]) { html in
                    for line in Shown.lines(yaml) { html.element("span", line) }
                }
            }
        }
    }
}
