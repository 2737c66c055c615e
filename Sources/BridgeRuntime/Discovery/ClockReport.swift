// SPDX-License-Identifier: Apache-2.0
import Adapters
import Foundation
import Harmonizer

/// Compares the clock of a reader with the arrival of its message.
struct ClockReport {
    let text: String
    /// The zone in which the reader's local time is right, if it is not the host's; nil when no zone needs to be
    /// configured.
    var zone: String?

    /// Nil for a reader that sends no time.
    init?(_ finding: Finding) {
        guard let (sent, received) = finding.time else { return nil }
        switch sent {
        case .instant(let instant): text = "its time is \(Self.age(received.milliseconds(since: instant)))"
        case .invalid(let words): text = "its time \(words) is not valid"
        case .local(let wall), .seasonal(let wall, _):
            // When the host's zone cannot be loaded, UTC takes its place.
            let host = Zone.host(ProcessInfo.processInfo.environment["TZ"]) ?? .utc
            let zones = [host] + Self.others.compactMap { Zone($0) }
            let ages = zones.map { ($0, received.milliseconds(since: $0.instant(wall, near: received))) }
            if let (zone, age) = ages.first(where: { abs($0.1) < 180_000 }) {
                text = "local time = \(zone.identifier), \(Self.age(age))"
                if zone.identifier != host.identifier { self.zone = zone.identifier }
            } else {
                text = "local time \(wall): no zone fits the arrival, or the message is old"
            }
        }
    }

    /// One zone for each of Europe's offsets.
    private static let others = ["Europe/Zurich", "Europe/London", "Europe/Helsinki", "Atlantic/Azores", "UTC"]

    private static func age(_ milliseconds: Int64) -> String {
        let size = milliseconds.magnitude
        let word = milliseconds < 0 ? "ahead" : "old"
        switch size {
        case ..<60_000: return "\(size / 1000).\(size % 1000 / 100) s \(word)"
        case ..<7_200_000: return "\(size / 60_000) min \(word)"
        case ..<172_800_000: return "\(size / 3_600_000) h \(word)"
        default: return "\(size / 86_400_000) days \(word)"
        }
    }
}
