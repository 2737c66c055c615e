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
        case .instant(let instant): text = "its time is \(Self.age(received - instant))"
        case .invalid(let words): text = "its time \(words) is not valid"
        case .local(let wall), .seasonal(let wall, _):
            // When the host's zone cannot be loaded, UTC takes its place.
            let host = Zone.host(ProcessInfo.processInfo.environment["TZ"]) ?? .utc
            let zones = [host] + Self.others.compactMap { Zone($0) }
            let ages = zones.map { ($0, received - $0.instant(wall, near: received)) }
            if let (zone, age) = ages.first(where: { $0.1.magnitude < .minutes(3) }) {
                text = "local time = \(zone.identifier), \(Self.age(age))"
                if zone.identifier != host.identifier { self.zone = zone.identifier }
            } else {
                text = "local time \(wall): no zone fits the arrival, or the message is old"
            }
        }
    }

    /// One zone for each of Europe's offsets.
    private static let others = ["Europe/Zurich", "Europe/London", "Europe/Helsinki", "Atlantic/Azores", "UTC"]

    private static func age(_ span: TimeSpan) -> String {
        let size = span.magnitude
        let word = span < .zero ? "ahead" : "old"
        switch size {
        case ..<TimeSpan.minutes(1): return "\(size.seconds).\(size.milliseconds % 1000 / 100) s \(word)"
        case ..<TimeSpan.hours(2): return "\(size.minutes) min \(word)"
        case ..<TimeSpan.days(2): return "\(size.hours) h \(word)"
        default: return "\(size.days) days \(word)"
        }
    }
}
