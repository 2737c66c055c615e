// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime

/// What the log of a running bridge says.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct LogNewsTests {
    private func loaded(_ text: String) throws -> BridgeConfiguration.Configuration {
        let loader = ConfigurationLoader(environment: [:])
        return try #require(loader.load(text, file: "bridge.yaml"), "\(loader.problems.sorted)")
    }

    // MARK: - A source that never becomes a reading

    private func watch(adapter: String, payload: String, topic: String, seconds: Int) throws -> [String] {
        let configuration = try loaded("zone: UTC\nsources: {p1: {adapter: \(adapter), subscribe: \(topic)}}\n")
        let start = Timestamp(seconds: 1_795_217_228)
        var pipeline = Pipeline(configuration.pipelineSettings)
        var watch = SourceWatch(configuration, at: start)
        return stride(from: 0, through: seconds, by: 10).compactMap { second in
            let raw = RawMessage(
                topic: topic, payload: Array(payload.utf8), received: start + .seconds(Int64(second)))
            _ = pipeline.handle(raw)
            return watch.note(raw, pipeline: pipeline)
        }
    }

    @Test func `a wrong adapter is told once, with the one that fits and the line to change`() throws {
        let telegram = P1Sample.lines.joined(separator: "\r\n") + "\r\n"
        #expect(
            try watch(adapter: "dsmr-reader", payload: telegram, topic: "dsmr/raw", seconds: 120) == [
                "source \"p1\" (bridge.yaml:2): 4 messages on dsmr/raw and no reading: not meter data "
                    + "(dsmr-reader-other); it looks like the adapter p1: write \"adapter: p1\""
            ])
        #expect(try watch(adapter: "dsmr-reader", payload: telegram, topic: "dsmr/raw", seconds: 20) == [])
        #expect(try watch(adapter: "p1", payload: telegram, topic: "dsmr/raw", seconds: 120) == [])
    }

    // MARK: - Sessions

    @Test func `a session on its first day has lost nothing`() throws {
        let configuration = try loaded("broker: {client_id: lab}\nzone: UTC\nsources: {gplug: {adapter: gplug}}\n")
        let info = try #require(BridgeInfo.former(BridgeInfo(configuration).payload))
        #expect(info.subscriptions(for: configuration.input).contains("tele/+/SENSOR"))
        let other = try loaded("broker: {client_id: other}\nzone: UTC\nsources: {gplug: {adapter: gplug}}\n")
        #expect(info.subscriptions(for: other.input).isEmpty)
        // As an older version wrote it.
        let old = try #require(BridgeInfo.former(Array(#"{"subscriptions":["a/b"]}"#.utf8)))
        #expect(old.subscriptions(for: configuration.input) == ["a/b"])
    }

    @Test func `another client id raises no alarm about the session before it`() throws {
        let broker = try MosquittoBroker()
        func configuration(_ id: String) -> String {
            "bridge: home\nbroker: {url: \"mqtt://localhost:\(broker.port)\", client_id: \(id)}\nzone: UTC\n"
                + "sources: {gplug: {adapter: gplug}}\n"
        }
        let first = try RunningBridge(configuration("one"))
        #expect(first.stop() == 0)
        #expect(first.log.contains("stopped"), "\(first.log)")
        let second = try RunningBridge(configuration("two"))
        #expect(second.stop() == 0)
        #expect(!second.log.contains("forgot the session"), "\(second.log)")
    }

    // MARK: - A broker that is away

    @Test func `the same failure is said the first, the tenth and the hundredth time`() {
        var log = OutageLog()
        let gone = RelayEvent.disconnected(side: .input, reason: .unreachable(address: "h:1", reason: "refused"))
        let lines = (1...100).compactMap { _ in log.line(gone, "\(gone)") }
        #expect(lines.count == 3)
        #expect(lines[0].hasSuffix("(is mosquitto running there, and does it listen to more than its own computer?)"))
        #expect(lines[1].hasSuffix("(10 times so far)") && lines[2].hasSuffix("(100 times so far)"))
        let lost = RelayEvent.disconnected(side: .input, reason: .connectionLost(address: "h:1", reason: "closed"))
        #expect(log.line(lost, "\(lost)") == "\(lost)", "another reason is news")
        let back = RelayEvent.connected(side: .input, version: .v5, sessionPresent: true)
        #expect(log.line(back, "\(back)") == "\(back)")
        #expect(log.line(gone, "\(gone)") != nil, "and so is the next outage")
    }

    // MARK: - Reload

    @Test func `a reload says what it changed`() throws {
        let old = try loaded(
            """
            zone: UTC
            sources:
              gplug: {adapter: gplug}
              cellar: {adapter: smartmeter-datacollector}
            meters: {house: {ids: [1]}}
            """)
        let new = try loaded(
            """
            # A line more moves everything below.
            zone: UTC
            sources:
              gplug: {adapter: gplug, labels: gplug-d}
              dongle: {adapter: p1, subscribe: dsmr/raw}
            meters: {house: {name: House, ids: [1]}}
            outputs: [harmonized, home-assistant]
            profile: {extends: harmonized, topics: {value: {enabled: true}}}
            """)
        #expect(
            new.changes(since: old)
                == "source gplug changed, source dongle added, source cellar removed, meter house changed, "
                + "profile changed, outputs changed")
        #expect(old.changes(since: old) == "nothing that is in force changed")
        let moved = try loaded(
            "\n\nzone: UTC\nsources:\n  gplug: {adapter: gplug}\n  cellar: {adapter: smartmeter-datacollector}\n"
                + "meters: {house: {ids: [1]}}\n")
        #expect(moved.changes(since: old) == "nothing that is in force changed")
    }

    @Test func `the log of a day: sources, meters, rejects, a reload, the end`() throws {
        let broker = try MosquittoBroker()
        let configuration =
            "bridge: home\nbroker: mqtt://localhost:\(broker.port)\nzone: UTC\n"
            + "sources: {gplug: {adapter: gplug, labels: gplug-m, subscribe: tele/gPlug10/SENSOR}}\n"
        let bridge = try RunningBridge(configuration)
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug10/SENSOR",
            payload: #"{"z":{"SMid":"3130303030303231","Pi":0.412,"Po":0.000,"P1i":120,"P2i":92,"P3i":200,"#
                + #""V1":229.1,"V2":229.5,"V3":229.1,"Ei":25149.419,"Eo":118.025}}"#)
        #expect(bridge.wait(forLog: "info: meter 10000021: first reading, "), "\(bridge.log)")
        #expect(bridge.log.contains("info: the source \"gplug\" sends"))
        #expect(bridge.wait(forLog: "gplug-d knows 11 of 11; write \"labels: gplug-d\""), "\(bridge.log)")
        try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":"#)
        #expect(bridge.wait(forLog: "warning: source \"gplug\": json.invalid on tele/gPlug10/SENSOR"), "\(bridge.log)")
        try bridge.configure(configuration.replacing("gplug-m", with: "gplug-d"))
        #expect(bridge.wait(forLog: "configuration reloaded: source gplug changed"), "\(bridge.log)")
        #expect(bridge.stop() == 0)
        #expect(bridge.log.hasSuffix("info: stopped"), "\(bridge.log)")
    }
}
