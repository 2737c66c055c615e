// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest

/// `accept` and `forget` against the running program.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct ControlTests {
    private static func configuration(port: Int) -> String {
        """
        bridge: test
        broker: mqtt://localhost:\(port)
        zone: UTC
        sources: {aew: {adapter: smartmeter-datacollector, subscribe: smartmeter/12345/#, meter: house}}
        """
    }

    private func control(_ words: [String], port: Int) throws -> (code: Int32?, text: String) {
        let directory = try TemporaryDirectory()
        try directory.write("bridge.yaml", Self.configuration(port: port))
        let process = try ChildProcess(
            RunningBridge.program, words + ["--config", "\(directory.path)/bridge.yaml", "--timeout", "3s"])
        let code = process.wait(seconds: 30)
        return (code, process.output.value.lines.joined(separator: "\n"))
    }

    private func send(_ value: String, age: Int, port: Int) throws {
        let time = Int(Date().timeIntervalSince1970) - age
        try mosquittoPub(
            port: port, topic: "smartmeter/12345/ACTIVE_ENERGY_P",
            payload: "{\"value\": \(value), \"timestamp\": \(time)}")
    }

    @Test func `accept lets a held counter go on, forget clears the meter`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(Self.configuration(port: broker.port))
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/#"])
        try send("500000", age: 20, port: broker.port)
        #expect(output.wait { $0.contains("harmonized/v1/meter/house/obis/1-0:1.8.0 500") }, "\(bridge.log)")
        try send("3500", age: 10, port: broker.port)
        #expect(output.wait { $0.contains { $0.contains("/state") && $0.contains("\"quality\":\"held\"") } })
        #expect(
            bridge.wait(forLog: "\"obis-bridge accept house --config \(bridge.folder)/bridge.yaml\""), "\(bridge.log)")
        let accepted = try control(["accept", "house"], port: broker.port)
        #expect(accepted.code == 0)
        #expect(accepted.text == "meter house: 1-0:1.8.0 goes on from 3.5 kWh instead of 500 kWh")
        #expect(output.wait { $0.contains("harmonized/v1/meter/house/obis/1-0:1.8.0 3.5") }, "\(bridge.log)")

        let unknown = try control(["accept", "hose"], port: broker.port)
        #expect(unknown.code == 1 && unknown.text == "no meter \"hose\", did you mean \"house\"?")

        let forgotten = try control(["forget", "house"], port: broker.port)
        #expect(forgotten.code == 0 && forgotten.text.hasPrefix("meter house: forgotten, 4 retained topics cleared"))
        let later = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/#", "end"])
        try mosquittoPub(port: broker.port, topic: "end", payload: "end")
        #expect(later.wait { $0.contains("end end") })
        #expect(later.messages == ["end end"])
        #expect(bridge.stop() == 0)
    }

    @Test func `without a bridge there is no answer, and a clear sentence`() throws {
        let broker = try MosquittoBroker()
        let silent = try control(["accept", "house"], port: broker.port)
        #expect(silent.code == 69)
        #expect(
            silent.text
                == "no bridge \"test\" answered on localhost:\(broker.port) within 3 s: is it running, and may it "
                + "read harmonized/v1/bridge/test/command?")
        let port = try freePort()
        #expect(try control(["forget", "house"], port: port).code == 69)
    }

    @Test func `a retained command is not executed`() throws {
        let broker = try MosquittoBroker()
        try mosquittoPub(
            port: broker.port, topic: "harmonized/v1/bridge/test/command",
            payload: "{\"command\":\"forget\",\"meter\":\"house\",\"request\":\"1\"}", retain: true)
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/bridge/test/answer", "harmonized/v1/meter/#"])
        let bridge = try RunningBridge(Self.configuration(port: broker.port))
        try send("500000", age: 20, port: broker.port)
        #expect(output.wait { $0.contains("harmonized/v1/meter/house/obis/1-0:1.8.0 500") }, "\(bridge.log)")
        #expect(!output.messages.contains { $0.contains("/answer") })
    }
}
