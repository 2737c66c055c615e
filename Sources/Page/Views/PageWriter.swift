// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import PageFiles

/// Writes a view of the page from its data.
package struct PageWriter: Sendable {
    let texts: Texts

    /// - Parameter texts: the language of the page.
    package init(_ texts: Texts = .english) { self.texts = texts }

    /// A view without its frame, in parts by name: comparing parts finds the changes, and of the overview only the
    /// cards of changed meters are written.
    func parts(of view: PageView, _ data: PageData) -> [String: HTMLWriter] {
        switch view {
        case .overview:
            let view = OverviewView(data: data, texts: texts)
            var parts = view.cards
            parts[""] = view.summary
            return parts
        case .meter(let id): return ["": part { MeterView(id: id, data: data, texts: texts).write(&$0) }]
        case .sources: return ["": part { SourcesView(data: data, texts: texts).write(&$0) }]
        case .configuration: return ["": part { ConfigurationView(data: data, texts: texts).write(&$0) }]
        case .plugTest: return ["": part { PlugTestView(data: data, texts: texts).write(&$0) }]
        case .log: return ["": part { LogView(data: data, texts: texts).write(&$0) }]
        }
    }

    /// One hash for the shape of all parts.
    static func shape(_ parts: [String: HTMLWriter]) -> String {
        var hasher = Hasher()
        for (name, part) in parts.sorted(by: { $0.key < $1.key }) {
            hasher.combine(name)
            hasher.combine(part.shape)
        }
        return "\(hasher.finalize())"
    }

    private func part(_ write: (inout HTMLWriter) -> Void) -> HTMLWriter {
        var html = HTMLWriter(capacity: 16 << 10)
        write(&html)
        return html
    }

    private func main(_ view: PageView, _ parts: [String: HTMLWriter], _ data: PageData) -> HTMLWriter {
        guard view == .overview else { return parts[""] ?? HTMLWriter() }
        return part { OverviewView(data: data, texts: texts).write(parts, &$0) }
    }

    /// The whole document.
    ///
    /// - Parameter token: the token that each request for a change must send.
    package func document(_ view: PageView, _ data: PageData, token: String) -> [UInt8] {
        let root = view.root
        let parts = parts(of: view, data)
        var html = HTMLWriter(capacity: 64 << 10)
        html.element("html", ["lang": texts.language]) { html in
            html.element("head") { html in
                html.void("meta", ["charset": "utf-8"])
                html.void("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                html.void("meta", ["name": "color-scheme", "content": "light dark"])
                html.element("title", "\(title(of: view, data)) · obis-bridge")
                html.void("link", ["rel": "icon", "href": "\(root)page/icon.svg", "type": "image/svg+xml"])
                html.void("link", ["rel": "stylesheet", "href": "\(root)page/\(PageAssets.style.name)"])
                html.element("script", ["src": "\(root)page/\(PageAssets.script.name)", "defer": ""], "")
                if let own = script(of: view) {
                    html.element("script", ["src": "\(root)page/\(own.name)", "defer": ""], "")
                }
            }
            html.element(
                "body",
                [
                    "data-root": root, "data-view": "/\(view.path)", "data-shape": Self.shape(parts),
                    "data-version": data.version, "data-token": token, "data-words": words,
                ]
            ) { html in
                html.element("a", ["class": "skip", "href": "#main"], texts("frame.skip"))
                bar(view, data, &html)
                html.element("main", ["id": "main", "tabindex": "-1"]) { $0.include(main(view, parts, data)) }
                html.element("dialog", ["class": "confirm", "aria-labelledby": "question"]) { html in
                    html.element("p", ["id": "question"], "")
                    html.element("form", ["method": "dialog"]) { html in
                        html.element("button", ["value": "no"], texts("confirm.no"))
                        html.element("button", ["value": "yes", "class": "danger"], texts("confirm.yes"))
                    }
                }
                html.element("footer", ["class": "foot"]) { html in
                    html.element("span", texts("frame.version", data.version))
                    html.element("span", data.zone.identifier)
                }
            }
        }
        return Array("<!doctype html>\n".utf8) + html.bytes + [UInt8(ascii: "\n")]
    }

    /// The script of one view, in addition to the common one.
    private func script(of view: PageView) -> PageAsset? {
        switch view {
        case .meter: PageAssets.charts
        case .configuration: PageAssets.editor
        default: nil
        }
    }

    /// The texts that the script inserts.
    private var words: String {
        var writer = JSONWriter()
        writer.object { json in
            for (key, text) in texts.words.sorted(by: { $0.key < $1.key }) where key.hasPrefix("script.") {
                json.member(named: String(key.dropFirst("script.".count)), text)
            }
            for key in ["now", "seconds", "minutes", "hours", "days"] {
                json.member(named: "age.\(key)", texts("age.\(key)"))
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func bar(_ view: PageView, _ data: PageData, _ html: inout HTMLWriter) {
        html.element("header", ["class": "bar"]) { html in
            html.element("a", ["class": "brand", "href": view.root]) { html in
                html.void("img", ["src": "\(view.root)page/icon.svg", "alt": "", "width": "26", "height": "26"])
                html.element("span", data.bridge)
            }
            html.element("nav", ["aria-label": texts("frame.views")]) { html in
                for (target, word) in PageView.main {
                    html.element(
                        "a",
                        [
                            "href": view.root + target.path, "aria-current": target == view.entry ? "page" : nil,
                        ], texts("nav.\(word)"))
                }
            }
            html.element("span", ["class": "pulse", "role": "status", "data-state": "wait"], "")
        }
    }

    private func title(of view: PageView, _ data: PageData) -> String {
        if case .meter = view { return data.meters.first.map { $0.name ?? $0.id } ?? texts("meter.gone") }
        return texts("title.\(PageView.main.first { $0.view == view }?.word ?? "overview")")
    }
}
