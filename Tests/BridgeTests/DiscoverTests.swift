// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import bridge

/// `obis-bridge discover` on a real broker.
@Suite(.timeLimit(.minutes(1))) struct DiscoverTests {
    @Test func `what it proposes is a configuration`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/sources.yaml"
        let discover = try ChildProcess(
            RunningBridge.program,
            ["discover", "--broker", "mqtt://localhost:\(broker.port)", "--for", "3s", "--write", file])
        #expect(discover.wait { $0.contains { $0.hasPrefix("Listening on") } })
        let now = Int(Date().timeIntervalSince1970)
        try mosquittoPub(
            port: broker.port, topic: "smartmeter/12345/ACTIVE_ENERGY_P",
            payload: "{\"value\": 903.0, \"timestamp\": \(now)}")
        try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":{"Pi":12}}"#)
        try mosquittoPub(port: broker.port, topic: "zigbee2mqtt/lamp", payload: #"{"state":"ON"}"#)
        #expect(discover.wait() == 0)
        let report = discover.output.value.lines.joined(separator: "\n")
        #expect(
            report.contains(
                "1 smartmeter/12345/+  smartmeter-datacollector  certain; 12345 is a placeholder: add meter: NAME"))
        #expect(report.contains("2 tele/gPlug10/SENSOR  gplug, labels ?  AMBIGUOUS"))
        #expect(report.contains("not meters: zigbee2mqtt/# (1)"), "\(report)")
        let loader = ConfigurationLoader(environment: [:])
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let configuration = try #require(
            loader.load("zone: UTC\n" + text, file: "sources.yaml"), "\(loader.problems.sorted)")
        #expect(configuration.sources.map(\.adapter.name) == ["smartmeter-datacollector", "gplug"])
    }

    @Test func `no broker is one line and exit code 69`() throws {
        let port = try freePort()
        let discover = try ChildProcess(
            RunningBridge.program, ["discover", "--broker", "localhost:\(port)", "--for", "1s"])
        #expect(discover.wait() == 69)
        #expect(discover.output.value.lines.count { $0.contains("cannot reach localhost:\(port)") } == 1)
    }
}
