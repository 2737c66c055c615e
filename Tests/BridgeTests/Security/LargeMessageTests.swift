// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// A file on a raw topic: a firmware, a picture, or somebody who tries it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct LargeMessageTests {
    /// Bytes that the process had in memory at most.
    private func peak(_ bridge: RunningBridge) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(bridge.process.processID)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber))) << 10
    }

    // Sanitizers keep what was freed.
    @Test(.enabled(if: Patience.factor == 1), arguments: [("5", 0), ("3.1.1", 2)])
    func `a message of 60 MB is held as often as libmosquitto holds it, and the meter is served`(
        version: String, copies: Int
    ) throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: {url: "mqtt://localhost:\(broker.port)", protocol: \(version)}
            zone: UTC
            sources: {gplug: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR, meter: haus}}
            """)
        let before = try peak(bridge)
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/meter/haus/obis/1-0:1.7.0", "harmonized/v1/bridge/test/reject"])
        let size = 60_000_000
        let directory = try TemporaryDirectory()
        let file = try directory.write("large", String(repeating: "x", count: size))
        for _ in 0..<3 {
            let publisher = try ChildProcess(
                "mosquitto_pub",
                ["-h", "localhost", "-p", "\(broker.port)", "-q", "1", "-t", "tele/g/SENSOR", "-f", file])
            #expect(publisher.wait(seconds: 60) == 0)
        }
        try mosquittoPub(port: broker.port, topic: "tele/g/SENSOR", payload: "{\"z\":{\"Pi\":667}}")
        #expect(output.wait(seconds: 60) { $0.last == "harmonized/v1/meter/haus/obis/1-0:1.7.0 667" }, "\(bridge.log)")
        let rejects = output.messages.filter { $0.contains("payload.too-large") && $0.contains("\(size) bytes") }
        #expect(rejects.count == (copies == 0 ? 0 : 3), "\(output.messages.map { $0.prefix(200) })")
        #expect(try peak(bridge) - before < copies * size + 20_000_000)
        #expect(bridge.stop() == 0)
    }
}
