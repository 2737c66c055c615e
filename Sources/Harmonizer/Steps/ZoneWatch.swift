// SPDX-License-Identifier: Apache-2.0

/// Detects that the zone of a container, usually UTC, is not that of its readers, which send local time. One live
/// message shows it: its clock is a whole number of hours away from the arrival.
struct ZoneWatch: Sendable {
    private var told: Set<Int> = []
    private var suspects: [Int: (hours: Int, since: Timestamp)] = [:]

    /// Looks at a telegram.
    ///
    /// - Parameter index: the place of its source in the settings.
    mutating func look(
        at telegram: Telegram, source index: Int, of source: Source, origin: Origin, _ journal: inout Journal
    ) {
        guard source.isZoneOfHost, !origin.isRetained, !told.contains(index), let raw = telegram.time,
            source.zone.offset(at: origin.received) == 0
        else { return }
        let face: WallTime
        switch raw {
        case .instant, .invalid: return
        case .local(let wall), .seasonal(let wall, _): face = wall
        }
        guard let hours = (face.instant(offset: 0) - origin.received).zoneHours, hours != 0 else { return }
        // A message queued for an hour looks like a clock in the west; only an offset that lasts for a minute is one.
        if hours < 0 {
            let earlier = suspects[index].flatMap { $0.hours == hours ? $0 : nil }
            suspects[index] = earlier ?? (hours, origin.received)
            guard let earlier, origin.received - earlier.since >= .minutes(1) else { return }
        }
        told.insert(index)
        let zone = Self.candidates.first { Zone($0)?.offset(at: origin.received) == hours * 3600 } ?? "NAME"
        journal.say(.zoneOfHost(source: source.name, hours: hours, zone: zone))
    }

    private static let candidates = [
        "Europe/Zurich", "Europe/Helsinki", "Europe/London", "Atlantic/Azores", "Europe/Istanbul",
    ]
}
