// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// Reads a zone; one that cannot be loaded is a mistake and never UTC.
struct ZoneReader {
    let problems: ProblemList

    func read(_ node: YAMLNode) -> Zone? {
        guard let name = node.text("zone", problems: problems) else { return nil }
        if let zone = Zone(name) { return zone }
        let known = TimeZone.knownTimeZoneIdentifiers
        problems.error(node.mark, "the zone \"\(name)\" cannot be loaded" + NearestWord.hint(name, in: known))
        return nil
    }
}
