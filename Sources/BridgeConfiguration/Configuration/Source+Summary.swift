// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension Source {
    /// The source in one line, for `check` and `run`: `gplug on tele/+/SENSOR, zone Europe/Zurich`.
    package var summary: String {
        let place = origin.map { "from \($0)" } ?? "on \(filters.map(\.filter).joined(separator: ", "))"
        return "\(adapter.name) \(place), zone \(zone.identifier)"
    }
}
