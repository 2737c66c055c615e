// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest

/// `/metrics` of the running program, and that Prometheus would take it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct MetricsTests {
    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What the issue names.
    private static let names = [
        "messages_received_total", "messages_ignored_total", "readings_total", "publications_total", "rejects_total",
        "fixes_total", "meters", "held_registers", "unacked_messages", "ack_latency_seconds", "reading_age_seconds",
        "broker_connected", "reconnects_total", "sessions_lost_total", "config_last_reload_success_timestamp_seconds",
        "build_info",
    ]

    private func now(_ offset: TimeInterval = 0) -> String {
        Date(timeIntervalSinceNow: offset).formatted(.iso8601).replacing("Z", with: "")
    }

    @Test func `they count what was sent`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(
            broker: broker.port,
            more: "outputs: [harmonized, {alias-topics: {topic: \"home/{meter}/{alias}\"}}]\n")
        try web.meter(11)
        try web.send("{\"Time\":\"\(now(-4))\",\"z\":{\"Pi\":12,\"B1\":1.6}}")
        try web.send("{\"Time\":\"\(now())\",\"z\":{\"Pi\":13,\"B1\":0}}")
        try web.send("{\"z\":{ no json")
        try web.send("{\"StatusSTS\":{}}")
        _ = try web.wait("/metrics") { $0.text.contains("messages_received_total{source=\"g\"} 5\n") }
        let metrics = try web.metrics()
        func value(_ name: String) -> Double? { metrics["obis_bridge_\(name)"] }
        #expect(value("messages_received_total{source=\"g\"}") == 5)
        #expect(value("messages_received_total{source=\"\"}") == 0)
        #expect(value("messages_ignored_total{source=\"g\"}") == 1)
        #expect(value("readings_total{source=\"g\"}") == 3)
        #expect(value("rejects_total{source=\"g\",reason=\"json.invalid\"}") == 1, "\(metrics.keys)")
        #expect(value("fixes_total{source=\"g\",rule=\"time.missing\",level=\"repair\"}") == 1)
        #expect(value("fixes_total{source=\"g\",rule=\"counter.zero\",level=\"doubt\"}") == 1, "\(metrics.keys)")
        #expect(value("meters{state=\"online\"}") == 1)
        #expect(value("meters{state=\"offline\"}") == 0)
        #expect(value("held_registers") == 1)
        #expect(value("broker_connected{side=\"input\"}") == 1)
        #expect(value("reconnects_total{side=\"input\"}") == 0)
        #expect(value("sessions_lost_total") == 0)
        #expect((value("publications_total{output=\"alias-topics\"}") ?? 0) >= 4)
        #expect((value("publications_total{output=\"harmonized\"}") ?? 0) > 10)
        // Two readings had a time of their own, of which one was four seconds old.
        #expect(value("reading_age_seconds_count") == 2)
        #expect(value("reading_age_seconds_bucket{le=\"+Inf\"}") == 2)
        #expect(value("reading_age_seconds_bucket{le=\"3600\"}") == 2)
        #expect((value("reading_age_seconds_bucket{le=\"2\"}") ?? 9) <= 1)
        #expect((value("ack_latency_seconds_count") ?? 0) >= 1)
        #expect((metrics["process_resident_memory_bytes"] ?? 0) > 1_000_000)
        #expect((metrics["process_threads"] ?? 0) >= 2)
        #expect((metrics["process_open_fds"] ?? 0) > 5)
        #expect((metrics["process_max_fds"] ?? 0) > 100)
        #expect((metrics["process_cpu_seconds_total"] ?? -1) >= 0)
        let start = try #require(metrics["process_start_time_seconds"])
        #expect(abs(start - Date().timeIntervalSince1970) < 300)
        // No label names a meter.
        #expect(!metrics.keys.contains { $0.contains("house") })
    }

    @Test func `every family has its HELP and TYPE, and Prometheus takes them`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter()
        let answer = try web.get("/metrics")
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        for name in Self.names {
            #expect(
                answer.text.contains("\n# TYPE obis_bridge_\(name) ")
                    || answer.text.contains("# TYPE obis_bridge_\(name) "))
            #expect(answer.text.contains("# HELP obis_bridge_\(name) "))
        }
        guard let promtool = Self.promtool else { return }
        let check = try ChildProcess(promtool, ["check", "metrics"], input: answer.body)
        #expect(check.wait() == 0, "\(check.output.value.lines)")
        #expect(check.output.value.lines.isEmpty)
    }

    @Test func `a reload says when it was, and another profile is another build`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        func builds() throws -> [String] { try web.metrics().keys.filter { $0.hasPrefix("obis_bridge_build_info") } }
        let before = try builds()
        #expect(before.count == 1 && before[0].contains("version=\"") && before[0].contains("profile_hash=\""))
        try web.bridge.configure(
            WebBridge.configuration(
                broker: broker.port, http: "\(web.port)", more: "profile: {topics: {value: {enabled: true}}}"))
        web.bridge.process.kill(SIGHUP)
        #expect(web.bridge.wait(forLog: "configuration reloaded"))
        let after = try builds()
        #expect(after.count == 1 && after != before)
        let time = try web.metrics()["obis_bridge_config_last_reload_success_timestamp_seconds"]
        #expect(abs((time ?? 0) - Date().timeIntervalSince1970) < 300)
    }
}
