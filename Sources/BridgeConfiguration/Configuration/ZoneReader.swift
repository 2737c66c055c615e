// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT

/// Reads a zone; one that cannot be loaded is a mistake and never UTC.
package struct ZoneReader {
    let problems: ProblemList

    /// The host's zone, for sources without one.
    func host(_ environment: [String: String], at mark: SourceMark) -> Zone? {
        let variable = environment["TZ"]
        guard let variable, !variable.isEmpty else { return Zone.host(nil) }
        // `:Europe/Zurich` is good here and no zone elsewhere.
        if let zone = Self.zone(variable.hasPrefix(":") ? String(variable.dropFirst()) : variable) { return zone }
        problems.error(mark, "no \"zone\", and " + Self.sentence(variable))
        return nil
    }

    /// Why the host has no zone.
    package static func sentence(_ name: String) -> String {
        "the host's TZ=\(name) cannot be loaded" + hint(name)
    }

    func read(_ node: YAMLNode) -> Zone? {
        guard let name = node.text("zone", problems: problems) else { return nil }
        if let zone = Self.zone(name) { return zone }
        problems.error(node.mark, "the zone \"\(name)\" cannot be loaded" + Self.hint(name))
        return nil
    }

    /// What to say of a name that no zone has.
    package static func hint(_ name: String) -> String {
        let word = name.lowercased().replacing(" ", with: "_")
        // What people call a time, and a town alone.
        let known = abbreviations[word] ?? names.first { $0.lowercased().hasSuffix("/" + word) }
        return known.map { ", did you mean \"\($0)\"?" } ?? NearestWord.hint(name, in: names)
    }

    private static let abbreviations = [
        "mez": "Europe/Zurich", "mesz": "Europe/Zurich", "cest": "Europe/Zurich", "cet+1": "Europe/Zurich",
        "utc+1": "Europe/Zurich", "gmt+1": "Europe/Zurich", "+01:00": "Europe/Zurich", "bst": "Europe/London",
        "wez": "Europe/London", "eest": "Europe/Helsinki", "oez": "Europe/Helsinki", "utc+2": "Europe/Helsinki",
    ]

    private static let names = TimeZone.knownTimeZoneIdentifiers

    /// Zones by what was written: a table of offsets takes most of a millisecond, and each of ten thousand meters may name the
    /// same zone.
    private static let zones = Locked<[String: Zone]>([:])
    private static let limit = 1000

    private static func zone(_ name: String) -> Zone? {
        if let zone = zones.withLock({ $0[name] }) { return zone }
        guard let zone = Zone(name) else { return nil }
        zones.withLock { if $0.count < limit { $0[name] = zone } }
        return zone
    }
}
