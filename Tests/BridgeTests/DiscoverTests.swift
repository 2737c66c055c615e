// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration

/// `obis-bridge discover` on a real broker.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct DiscoverTests {
    @Test func `what it proposes is a configuration`() throws {
        let broker = try MosquittoBroker()
        let folder = try TemporaryDirectory()
        let file = "\(folder.path)/sources.yaml"
        let discover = try ChildProcess(
            RunningBridge.program,
            ["discover", "--broker", "mqtt://localhost:\(broker.port)", "--for", "3s", "--wait", "0s", "--write", file])
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
        #expect(report.contains("not meters, with the number of messages: zigbee2mqtt/# 1"), "\(report)")
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

    @Test func `a reader that shows one value is asked for the whole message`() throws {
        let broker = try MosquittoBroker()
        let asked = try MosquittoSub(port: broker.port, topics: ["cmnd/#"])
        let discover = try ChildProcess(
            RunningBridge.program,
            ["discover", "--broker", "mqtt://localhost:\(broker.port)", "--for", "1s", "--wait", "30s", "--ask"])
        #expect(discover.wait { $0.contains { $0.hasPrefix("Listening on") } })
        try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":{"Pi":12}}"#)
        #expect(asked.wait { $0 == ["cmnd/gPlug10/Status 10"] })
        #expect(discover.wait { $0.contains { $0.hasPrefix("Waiting up to 30 s") } })
        try mosquittoPub(
            port: broker.port, topic: "stat/gPlug10/STATUS10",
            payload: #"{"StatusSNS":{"z":{"Pi":12,"Po":0,"U1":231.2,"I1":0.052,"B1":3.323,"B2":1.187,"E1":0.000}}}"#)
        #expect(discover.wait(seconds: 10) == 0)
        #expect(
            discover.output.value.lines.contains(
                "  gplug10: {adapter: gplug, labels: gplug-e-as3000, subscribe: [tele/gPlug10/SENSOR, stat/gPlug10/STATUS10]}"
            ))
    }

    @Test func `Ctrl-C ends the listening with what was heard`() throws {
        let broker = try MosquittoBroker()
        let discover = try ChildProcess(
            RunningBridge.program, ["discover", "--broker", "mqtt://localhost:\(broker.port)", "--for", "10m"])
        #expect(discover.wait { $0.contains { $0.hasPrefix("Listening on") } })
        try mosquittoPub(port: broker.port, topic: "tele/gPlug10/SENSOR", payload: #"{"z":{"Pi":12}}"#)
        try mosquittoPub(port: broker.port, topic: "marker", payload: "1")
        discover.kill(SIGINT)
        #expect(discover.wait() == 0)
        #expect(discover.output.value.lines.contains { $0.contains("AMBIGUOUS") })
    }

    @Test func `a recording is read like a broker and its malformed line is named`() throws {
        let folder = try TemporaryDirectory()
        let line = #"{"received":"2026-11-20T22:40:02Z","topic":"tele/gPlug10/SENSOR","payload":"{\"z\":{\"Pi\":12}}"}"#
        try folder.write("good.jsonl", line + "\n")
        try folder.write("bad.jsonl", line + "\n{\"topic\":1}\n")
        let good = try ChildProcess(RunningBridge.program, ["discover", "--input", "\(folder.path)/good.jsonl"])
        #expect(good.wait() == 0)
        #expect(good.output.value.lines.contains("  gplug10: {adapter: gplug, subscribe: tele/gPlug10/SENSOR}"))
        let bad = try ChildProcess(RunningBridge.program, ["discover", "--input", "\(folder.path)/bad.jsonl"])
        #expect(bad.wait() == 1)
        #expect(bad.output.value.lines.contains { $0.contains("bad.jsonl: line 2: expected") })
    }

    @Test func `a file that exists is not written over`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("sources.yaml", "mine")
        let process = try ChildProcess(
            RunningBridge.program, ["discover", "--broker", "localhost:1", "--write", "\(folder.path)/sources.yaml"])
        #expect(process.wait() == 1)
        #expect(process.output.value.lines.contains { $0.contains("exists already") })
        #expect(try String(contentsOfFile: "\(folder.path)/sources.yaml", encoding: .utf8) == "mine")
    }
}
