// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Several processes on the topics of one broker (`partition: K/N`).
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PartitionTests {
    @Test(arguments: [2, 4]) func `one of several processes is killed and replaced, and nothing is lost`(count: Int)
        throws
    {
        let broker = try MosquittoBroker(MosquittoBroker.Options(lines: ["max_queued_messages 1000000"]))
        func configuration(_ index: Int) -> String {
            """
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            partition: \(index)/\(count)
            sources: {gplug: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/+/SENSOR}}
            """
        }
        var bridges = try (0..<count).map { try RunningBridge(configuration($0)) }
        let output = try MosquittoSub(
            port: broker.port, topics: ["harmonized/v1/meter/+/obis/1-0:1.7.0"], format: "%t %p")
        let meters = 12
        let messages = 60
        // With an id: the values of a reader without one wait until it is certain that none comes.
        @Sendable func lines(_ meter: Int) -> [String] {
            (1...messages).map { "{\"Time\":\"2026-11-20T22:40:00\",\"z\":{\"SMid\":\"A\(meter)\",\"Pi\":\($0)}}" }
        }
        let publisher = TestThread {
            for meter in 0..<meters {
                try? mosquittoPub(port: broker.port, topic: "tele/g\(meter)/SENSOR", lines: lines(meter))
            }
        }
        _ = output.wait(seconds: 30) { $0.count > meters * messages / 4 }
        bridges[0].process.kill(SIGKILL)
        #expect(bridges[0].process.wait() == 137)
        bridges[0] = try RunningBridge(configuration(0))
        #expect(output.wait(seconds: 60) { Set($0).count == meters * messages })
        _ = publisher
        let received = output.messages
        // Each meter is one process's: what was redelivered after the kill is all that came twice.
        #expect(received.count - Set(received).count < 200)
        var newest: [String: Int] = [:]
        var steps = 0
        for line in received.map({ Received($0) }) {
            let value = Int(line.payload) ?? 0
            if value < newest[line.topic] ?? 0 { steps += 1 }
            newest[line.topic] = value
        }
        #expect(steps <= meters, "back in time only where the replaced process was given its messages again")
        for bridge in bridges { #expect(bridge.stop() == 0) }
    }
}
