// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// At least once: whatever was acknowledged to a publisher comes out, however often the bridge dies.
@Suite(.timeLimit(.minutes(3))) struct KillTests {
    /// More for an evening: `OBIS_KILLS=200 OBIS_KILL_MESSAGES=60000 swift test --filter KillTests`.
    private static func setting(_ name: String, _ standard: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
    }

    @Test(arguments: RunTests.versions) func `a bridge that is killed loses nothing`(version: String) throws {
        let kills = Self.setting("OBIS_KILLS", 4)
        let count = Self.setting("OBIS_KILL_MESSAGES", 2000)
        let broker = try MosquittoBroker(MosquittoBroker.Options(lines: ["max_queued_messages 1000000"]))
        let configuration = """
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version)}
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}}
            """
        var bridge = try RunningBridge(configuration)
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/meter/haus/obis/1-0:1.7.0"], format: "%p")
        let lines = (1...count).map { "{\"Time\":\"2026-11-20T22:40:00\",\"z\":{\"Pi\":\($0)}}" }
        let publisher = TestThread { try? mosquittoPub(port: broker.port, topic: "tele/g/SENSOR", lines: lines) }
        for _ in 0..<kills {
            let seen = output.messages.count
            let enough = Int.random(in: 1...max(2, count / kills))
            _ = output.wait(seconds: 10) { $0.count >= min(seen + enough, count) }
            bridge.process.kill(SIGKILL)
            #expect(bridge.process.wait() == 137)
            bridge = try RunningBridge(configuration)
        }
        #expect(
            output.wait(seconds: 60) { Set($0).count == count },
            "\(count - Set(output.messages).count) lost\n\(bridge.log)")
        let duplicates = output.messages.count - Set(output.messages).count
        print("MQTT \(version): \(count) messages, \(kills) kills, 0 lost, \(duplicates) twice")
        _ = publisher
        #expect(bridge.stop() == 0)
    }
}
