// SPDX-License-Identifier: Apache-2.0

/// A file of the page that is the same for everybody.
package struct PageAsset: Sendable {
    /// With a hash of its content in it where it may change with a version: whoever has it needs not ask again.
    package let name: String
    package let contentType: String
    package let bytes: [UInt8]
    /// True for a name that other content would not have.
    package let isNamedByContent: Bool

    /// Makes one.
    package init(
        _ stem: String, _ ending: String, _ contentType: String, _ bytes: [UInt8], isNamedByContent: Bool = true
    ) {
        // FNV-1a: it has to tell versions apart, not withstand anybody.
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        name = isNamedByContent ? "\(stem)-\(String(hash, radix: 16)).\(ending)" : "\(stem).\(ending)"
        self.contentType = contentType
        self.bytes = bytes
        self.isNamedByContent = isNamedByContent
    }
}

/// Style, script and icon.
package enum PageAssets {
    package static let style = PageAsset("page", "css", "text/css; charset=utf-8", PackageResources.page_css)
    package static let script = PageAsset("page", "js", "text/javascript; charset=utf-8", PackageResources.page_js)
    package static let charts = PageAsset("charts", "js", "text/javascript; charset=utf-8", PackageResources.charts_js)
    package static let editor = PageAsset("editor", "js", "text/javascript; charset=utf-8", PackageResources.editor_js)
    package static let icon = PageAsset(
        "icon", "svg", "image/svg+xml", PackageResources.icon_svg, isNamedByContent: false)

    /// The file of that name; nil where there is none.
    package static func named(_ name: String) -> PageAsset? {
        [style, script, charts, editor, icon].first { $0.name == name }
    }

    /// What a browser may do with the page: nothing but what comes from here, and no script that stands in the page itself.
    package static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

/// The texts of the page.
package enum PageTexts {
    /// English, as YAML.
    package static let english = PackageResources.en_yaml
}
