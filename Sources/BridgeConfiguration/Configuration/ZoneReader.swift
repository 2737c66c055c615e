// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT

/// Reads a time zone; a zone that cannot be loaded is an error and never becomes UTC.
package struct ZoneReader {
    let problems: ProblemList

    /// The host's zone, for sources without one.
    func host(_ environment: [String: String], at mark: SourceMark) -> Zone? {
        let variable = environment["TZ"]
        guard let variable, !variable.isEmpty else { return Zone.host(nil) }
        // `TZ` may be `:Europe/Zurich`, which is not a zone name elsewhere.
        if let zone = Self.zone(variable.hasPrefix(":") ? String(variable.dropFirst()) : variable) { return zone }
        problems.error(mark, "no \"zone\", and " + Self.sentence(variable))
        return nil
    }

    /// The error for a host whose zone cannot be loaded.
    package static func sentence(_ name: String) -> String {
        "the host's TZ=\(name) cannot be loaded" + hint(name)
    }

    func read(_ node: YAMLNode) -> Zone? {
        guard let name = node.text("zone", problems: problems) else { return nil }
        if let zone = Self.zone(name) { return zone }
        problems.error(node.mark, "the zone \"\(name)\" cannot be loaded" + Self.hint(name))
        return nil
    }

    /// The suggestion for an unknown zone name.
    package static func hint(_ name: String) -> String {
        let word = name.lowercased().replacing(" ", with: "_")
        // Abbreviations, and a town without its continent.
        let known = abbreviations[word] ?? names.first { $0.lowercased().hasSuffix("/" + word) }
        return known.map { ", did you mean \"\($0)\"?" } ?? NearestWord.hint(name, in: names)
    }

    private static let abbreviations = [
        "mez": "Europe/Zurich", "mesz": "Europe/Zurich", "cest": "Europe/Zurich", "cet+1": "Europe/Zurich",
        "utc+1": "Europe/Zurich", "gmt+1": "Europe/Zurich", "+01:00": "Europe/Zurich", "bst": "Europe/London",
        "wez": "Europe/London", "eest": "Europe/Helsinki", "oez": "Europe/Helsinki", "utc+2": "Europe/Helsinki",
    ]

    private static let names = TimeZone.knownTimeZoneIdentifiers

    /// A cache of zones by name: loading a zone's table takes most of a millisecond, and ten thousand meters may name
    /// the same zone.
    private static let zones = Locked<[String: Zone]>([:])
    private static let limit = 1000

    private static func zone(_ name: String) -> Zone? {
        if let zone = zones.withLock({ $0[name] }) { return zone }
        guard let zone = Zone(name) else { return nil }
        zones.withLock { if $0.count < limit { $0[name] = zone } }
        return zone
    }
}
