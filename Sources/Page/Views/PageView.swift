// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// One view of the page.
package enum PageView: Sendable, Hashable {
    /// One card per meter.
    case overview
    /// One meter, by its id.
    case meter(String)
    /// The activity of the sources, and the rejected messages.
    case sources
    /// The configuration in force, and an editor to try another one.
    case configuration
    /// The plug-test of meters and readers.
    case plugTest
    /// The log and the bridge's health.
    case log

    /// The view at a path; nil when the path has none.
    ///
    /// - Parameter path: the percent-encoded path, such as `/meters/a%20b`.
    package init?(path: String) {
        switch path {
        case "/": self = .overview
        case "/sources": self = .sources
        case "/configuration": self = .configuration
        case "/plug-test": self = .plugTest
        case "/log": self = .log
        default:
            guard path.hasPrefix("/meters/") else { return nil }
            let id = path.dropFirst("/meters/".count)
            guard !id.isEmpty, !id.contains("/"), let name = id.removingPercentEncoding else { return nil }
            self = .meter(name)
        }
    }

    /// The views in the navigation bar, in its order, each with the prefix of its text keys.
    static let main: [(view: PageView, word: String)] = [
        (.overview, "overview"), (.sources, "sources"), (.configuration, "configuration"), (.plugTest, "plug-test"),
        (.log, "log"),
    ]

    /// The view's path, relative to the page's root.
    package var path: String {
        switch self {
        case .overview: ""
        case .meter(let id): "meters/\(Self.encoded(id))"
        case .sources: "sources"
        case .configuration: "configuration"
        case .plugTest: "plug-test"
        case .log: "log"
        }
    }

    /// The relative path from the view to the page's root: a proxy may serve the page below a path that the bridge does
    /// not know.
    var root: String { if case .meter = self { "../" } else { "./" } }

    /// The navigation entry to which the view belongs.
    var entry: PageView { if case .meter = self { .overview } else { self } }

    /// A text percent-encoded for one path segment.
    package static func encoded(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
