// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Reads a zone; one that cannot be loaded is a mistake and never UTC.
struct ZoneReader {
    let problems: ProblemList

    /// The host's zone, for sources without one.
    func host(_ environment: [String: String], at mark: SourceMark) -> Zone? {
        let variable = environment["TZ"]
        if let zone = Zone.host(variable) { return zone }
        problems.error(mark, "no \"zone\", and " + Self.sentence(variable ?? ""))
        return nil
    }

    /// Why the host has no zone.
    static func sentence(_ name: String) -> String {
        "the host's TZ=\(name) cannot be loaded" + NearestWord.hint(name, in: TimeZone.knownTimeZoneIdentifiers)
    }

    func read(_ node: YAMLNode) -> Zone? {
        guard let name = node.text("zone", problems: problems) else { return nil }
        if let zone = Zone(name) { return zone }
        let known = TimeZone.knownTimeZoneIdentifiers
        problems.error(node.mark, "the zone \"\(name)\" cannot be loaded" + NearestWord.hint(name, in: known))
        return nil
    }
}
