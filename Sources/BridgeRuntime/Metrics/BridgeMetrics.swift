// SPDX-License-Identifier: Apache-2.0
import CoreMetrics
import Harmonizer
import MQTT
import Machine

/// The bridge's instruments. What the pipeline counts anyway is not counted twice: it is carried over when somebody asks.
package final class BridgeMetrics: Sendable {
    private struct Known {
        var counters: [String: (instrument: Counter, value: Int)] = [:]
        var gauges: [String: Gauge] = [:]
        var process = ProcessMetrics()
        var build: (hash: String, instrument: Gauge)?
    }

    private static let prefix = "obis_bridge_"

    private let registry = MetricRegistry()
    private let readingAge: Recorder
    private let acknowledgement: Timer
    private let known = Locked(Known())

    init() {
        readingAge = Recorder(label: Self.prefix + "reading_age_seconds", aggregate: true, factory: registry)
        acknowledgement = Timer(label: Self.prefix + "ack_latency_seconds", factory: registry)
    }

    // MARK: - From the loop

    /// Milliseconds from the time of a reading to its arrival.
    func note(readingAge milliseconds: Int64) { readingAge.record(Double(milliseconds) / 1000) }

    func note(acknowledgement latency: Duration) {
        let (seconds, attoseconds) = latency.components
        acknowledgement.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    // MARK: - For whoever asks

    /// `/metrics` with what the loop knew.
    package func text(_ snapshot: MetricsSnapshot) -> [UInt8] {
        known.withLock { known in
            carry(snapshot, &known)
            known.process.update(registry)
        }
        return Array(registry.text.utf8)
    }

    private func carry(_ snapshot: MetricsSnapshot, _ known: inout Known) {
        for source in snapshot.counters.sources + [snapshot.counters.others] {
            let name = [("source", source.name)]
            count("messages_received_total", name, source.received, &known)
            count("messages_ignored_total", name, source.ignored.values.reduce(0, +), &known)
            count("readings_total", name, source.readings, &known)
            for (reason, number) in source.rejected {
                count("rejects_total", name + [("reason", reason.rawValue)], number, &known)
            }
            for (rule, number) in source.fixes {
                count(
                    "fixes_total", name + [("rule", rule.rawValue), ("level", rule.level.rawValue)], number, &known)
            }
        }
        for (output, number) in snapshot.publications {
            count("publications_total", [("output", output)], number, &known)
        }
        for (state, number) in [
            ("online", snapshot.meters.online), ("offline", snapshot.meters.offline),
            ("unknown", snapshot.meters.unknown),
        ] {
            set("meters", [("state", state)], number, &known)
        }
        set("held_registers", [], snapshot.meters.heldRegisters, &known)
        set("unacked_messages", [], snapshot.links.status.unacknowledged, &known)
        for side in [RelaySide.input, .output] {
            let label = [("side", side.rawValue)]
            set("broker_connected", label, snapshot.links.isConnected(side) ? 1 : 0, &known)
            count("reconnects_total", label, snapshot.links.reconnects(side), &known)
        }
        count("sessions_lost_total", [], snapshot.links.sessionsLost, &known)
        count("log_lines_lost_total", [], snapshot.logLinesLost, &known)
        set("config_last_reload_success_timestamp_seconds", [], Int(snapshot.configured.seconds), &known)
        build(snapshot.profileHash, &known)
    }

    /// Moves a counter on to what was counted elsewhere. Of two that ask at once the later may know less.
    private func count(_ name: String, _ labels: [(String, String)], _ value: Int, _ known: inout Known) {
        let key = name + MetricText.labels(labels)
        let (instrument, before) =
            known.counters[key] ?? (Counter(label: Self.prefix + name, dimensions: labels, factory: registry), 0)
        instrument.increment(by: max(0, value - before))
        known.counters[key] = (instrument, max(value, before))
    }

    private func set(_ name: String, _ labels: [(String, String)], _ value: Int, _ known: inout Known) {
        let key = name + MetricText.labels(labels)
        let gauge = known.gauges[key] ?? Gauge(label: Self.prefix + name, dimensions: labels, factory: registry)
        known.gauges[key] = gauge
        gauge.record(value)
    }

    /// One series at a time: a reload may bring another profile.
    private func build(_ hash: String, _ known: inout Known) {
        guard known.build?.hash != hash else { return }
        known.build?.instrument.destroy()
        let gauge = Gauge(
            label: Self.prefix + "build_info", dimensions: [("version", Program.version), ("profile_hash", hash)],
            factory: registry)
        gauge.record(1)
        known.build = (hash, gauge)
    }
}
