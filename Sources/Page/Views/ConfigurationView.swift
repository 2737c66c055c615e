// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// The configuration in force, an editor to try another one, and the profile with the file and line of each value.
struct ConfigurationView {
    let data: PageData
    let texts: Texts

    func write(_ html: inout HTMLWriter) {
        html.element("header", ["class": "view"]) { html in html.element("h1", texts("title.configuration")) }
        guard let configuration = data.configuration else { return }
        editor(configuration, &html)
        if let profile = configuration.profile { self.profile(profile, &html) }
    }

    private func editor(_ configuration: ConfigurationGlance, _ html: inout HTMLWriter) {
        html.element("section", ["class": "panel", "data-keep": "editor"]) { html in
            html.element("h2", configuration.file ?? texts("configuration.title"))
            guard let text = configuration.text else {
                return html.element("p", ["class": "dim"], texts("configuration.none"))
            }
            html.element("p", ["class": "dim"], texts("configuration.hint"))
            html.element("div", ["class": "editor"]) { html in
                html.element("div", ["class": "lines", "aria-hidden": "true"]) { _ in }
                html.element(
                    "textarea",
                    [
                        "id": "editor", "spellcheck": "false", "autocapitalize": "off", "autocomplete": "off",
                        "wrap": "off", "aria-label": configuration.file ?? texts("configuration.title"),
                        "rows":
                            "\(min(26, max(8, text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count + 1)))",
                    ]
                ) { $0.lines(text) }
            }
            html.element("div", ["class": "row"]) { html in
                html.element(
                    "button", ["type": "button", "class": "primary", "data-check": ""], texts("configuration.check"))
                html.element("button", ["type": "button", "data-copy": "#editor"], texts("copy"))
                html.element("button", ["type": "button", "data-download": "bridge.yaml"], texts("download"))
                html.slot(
                    "messages", "span", ["class": "dim"], texts.count("configuration.messages", configuration.messages))
            }
            html.element("div", ["class": "findings", "aria-live": "polite"]) { _ in }
        }
    }

    private func profile(_ root: YAMLNode, _ html: inout HTMLWriter) {
        html.element("section", ["class": "panel"]) { html in
            html.element("h2", texts("profile.title"))
            html.element("p", ["class": "dim"], texts("profile.hint"))
            guard case .mapping(let members) = root.content else { return }
            for member in members {
                html.element("details", ["class": "yaml"]) { html in
                    html.element("summary") { html in
                        html.element("b", member.key)
                        switch member.value.content {
                        case .scalar(let text, _):
                            html.element("span", text)
                            place(member.value.mark, &html)
                        case .sequence(let items): html.element("span", ["class": "dim"], "\(items.count)")
                        case .mapping(let members): html.element("span", ["class": "dim"], "\(members.count)")
                        }
                    }
                    rows(member.value, &html)
                }
            }
        }
    }

    private func rows(_ node: YAMLNode, _ html: inout HTMLWriter) {
        guard case .mapping(let members) = node.content else {
            guard case .sequence(let items) = node.content else { return }
            return html.element("ol") { html in
                for item in items { html.element("li") { html in leaf("–", item, &html) } }
            }
        }
        html.element("ul") { html in
            for member in members {
                html.element("li") { html in
                    leaf(member.key, member.value, &html)
                }
            }
        }
    }

    /// A key with its value, in one line.
    private func leaf(_ key: String, _ node: YAMLNode, _ html: inout HTMLWriter) {
        html.element("code", key)
        html.text(" ")
        html.element("span", Self.flow(node))
        place(node.mark, &html)
    }

    private func place(_ mark: SourceMark, _ html: inout HTMLWriter) {
        html.element("span", ["class": mark.file == "harmonized.yaml" ? "place" : "place own"], mark.lineReference)
    }

    /// A value in YAML's one-line (flow) notation.
    private static func flow(_ node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let text, _): text
        case .sequence(let items): "[" + items.map(flow).joined(separator: ", ") + "]"
        case .mapping(let members):
            "{" + members.map { "\($0.key): \(flow($0.value))" }.joined(separator: ", ") + "}"
        }
    }
}
