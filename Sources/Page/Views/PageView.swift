// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// One view of the page.
package enum PageView: Sendable, Hashable {
    /// A card a meter.
    case overview
    /// One meter, by its id.
    case meter(String)
    /// What the sources send, and what was not understood.
    case sources
    /// What the bridge is made from, and a place to try something else.
    case configuration
    /// Which meter and reader keep their word.
    case plugTest
    /// What the bridge said, and how it is.
    case log

    /// The view at a path; nil where there is none.
    ///
    /// - Parameter path: percent-encoded, `/meters/a%20b`.
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

    /// Those that the bar at the top leads to, in its order, with the word that their texts begin with.
    static let main: [(view: PageView, word: String)] = [
        (.overview, "overview"), (.sources, "sources"), (.configuration, "configuration"), (.plugTest, "plug-test"),
        (.log, "log"),
    ]

    /// Its address, below the place where the page is served.
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

    /// The way from its address to where the page is served: a proxy may have it below a path that nobody knows here.
    var root: String { if case .meter = self { "../" } else { "./" } }

    /// The entry of the bar that it belongs to.
    var entry: PageView { if case .meter = self { .overview } else { self } }

    /// A word as part of an address.
    package static func encoded(_ text: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
