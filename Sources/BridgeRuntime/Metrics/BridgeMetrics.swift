// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import MQTT
import Machine

/// The metrics of the bridge. Counts of the pipeline are copied at each request instead of being counted twice.
package final class BridgeMetrics: Sendable {
    private static let prefix = "obis_bridge_"

    private let registry = Locked(MetricRegistry())

    init() {}

    // MARK: - From the loop

    /// - Parameter milliseconds: from the time of a reading to its arrival.
    func note(readingAge age: TimeSpan) { record("reading_age_seconds", Double(age.milliseconds) / 1000) }

    func note(acknowledgement latency: Duration) {
        let (seconds, attoseconds) = latency.components
        record("ack_latency_seconds", Double(seconds * 1_000_000_000 + attoseconds / 1_000_000_000) / 1e9)
    }

    private func record(_ name: String, _ value: Double) {
        registry.withLock { $0.record(Self.prefix + name, value) }
    }

    // MARK: - For requests

    /// The body of `/metrics`.
    ///
    /// - Parameter snapshot: the state of the loop.
    package func text(_ snapshot: MetricsSnapshot) -> [UInt8] {
        let registry = registry.withLock { registry in
            Self.carry(snapshot, &registry)
            ProcessMetrics.update(&registry)
            return registry
        }
        return Array(registry.text.utf8)
    }

    private static func carry(_ snapshot: MetricsSnapshot, _ registry: inout MetricRegistry) {
        func count(_ name: String, _ labels: [(String, String)], _ value: Int) {
            registry.count(prefix + name, labels, Double(value))
        }
        func set(_ name: String, _ labels: [(String, String)], _ value: Int) {
            registry.set(prefix + name, labels, Double(value))
        }
        for source in snapshot.counters.sources + [snapshot.counters.others] {
            let name = [("source", source.name)]
            count("messages_received_total", name, source.received)
            count("messages_ignored_total", name, source.ignored.values.reduce(0, +))
            count("readings_total", name, source.readings)
            for (reason, number) in source.rejected {
                count("rejects_total", name + [("reason", reason.rawValue)], number)
            }
            for (rule, number) in source.fixes {
                count("fixes_total", name + [("rule", rule.rawValue), ("level", rule.level.rawValue)], number)
            }
        }
        for (output, number) in snapshot.publications { count("publications_total", [("output", output)], number) }
        set("meters", [("state", "online")], snapshot.meters.online)
        set("meters", [("state", "offline")], snapshot.meters.offline)
        set("meters", [("state", "unknown")], snapshot.meters.unknown)
        set("held_registers", [], snapshot.meters.heldRegisters)
        set("unacked_messages", [], snapshot.links.status.unacknowledged)
        for side in [RelaySide.input, .output] {
            let label = [("side", side.rawValue)]
            set("broker_connected", label, snapshot.links.isConnected(side) ? 1 : 0)
            count("reconnects_total", label, snapshot.links.reconnects(side))
        }
        count("sessions_lost_total", [], snapshot.links.sessionsLost)
        count("log_lines_lost_total", [], snapshot.logLinesLost)
        set("config_last_reload_success_timestamp_seconds", [], Int(snapshot.configured.seconds))
        // Only one series: a reload may bring another profile.
        registry.clear(prefix + "build_info")
        set("build_info", [("version", Program.version), ("profile_hash", snapshot.profileHash)], 1)
    }
}
