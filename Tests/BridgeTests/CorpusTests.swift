// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Every recorded payload into a running bridge, which has to answer afterwards as before.
@Suite(
    .timeLimit(.minutes(12 * Patience.factor)), .enabled(if: ProcessInfo.processInfo.environment["OBIS_CORPUS"] != nil))
struct CorpusTests {
    private struct Line: Decodable {
        var topic: String?
        var payload: String
    }

    @Test func `no payload of the corpus silences the bridge`() throws {
        let folder = ProcessInfo.processInfo.environment["OBIS_CORPUS"] ?? ""
        let text = try String(contentsOfFile: "\(folder)/tasmota.jsonl", encoding: .utf8)
        let lines = try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        #expect(lines.count >= 80)
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            broker: mqtt://localhost:\(broker.port)
            zone: Europe/Zurich
            sources:
              gplug: {adapter: gplug, subscribe: [tele/+/SENSOR, stat/+/STATUS10]}
              tasmota: {adapter: tasmota, subscribe: [Casa/#, stat/#, gplug/#, tele/#]}
              collector: {adapter: smartmeter-datacollector}
            """)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/+/reading"])
        for line in lines {
            let topic = line.topic.flatMap { $0.contains(" ") || $0.hasPrefix("(") ? nil : $0 } ?? "tele/x/SENSOR"
            try mosquittoPub(port: broker.port, topic: topic, payload: line.payload)
        }
        try mosquittoPub(
            port: broker.port, topic: "smartmeter/LGZ1030655900099/ACTIVE_POWER_P",
            payload: "{\"value\": 28.0, \"timestamp\": \(Int(Date().timeIntervalSince1970))}")
        #expect(
            output.wait { $0.contains { $0.hasPrefix("harmonized/v1/meter/lgz1030655900099/reading") } },
            "\(bridge.log)")
        #expect(bridge.stop() == 0)
    }
}
