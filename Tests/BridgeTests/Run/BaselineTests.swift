// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// What a bridge of another version left on a real broker.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct BaselineTests {
    @Test func `a state of another major version is told, kept in the dead letter, and counted`() throws {
        let broker = try MosquittoBroker()
        let topic = "harmonized/v1/meter/m-1/state"
        let state = #"{"schema":"harmonized/2.0","meter":"m-1","registers":[{"obis":"1-0:1.8.0","value":9000500}]}"#
        try mosquittoPub(port: broker.port, topic: topic, payload: state, retain: true)
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/#"])
        let bridge = try RunningBridge(
            """
            bridge: test
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            sources: {ewb: {adapter: gplug, labels: gplug-d, subscribe: tele/gPlug1/SENSOR, meter: m-1}}
            """)
        #expect(bridge.wait(forLog: "\(topic): written as harmonized/2.0"))
        #expect(bridge.log.contains("the next values of its counters are accepted unchecked"))
        #expect(output.wait { $0.contains { $0.hasPrefix("harmonized/v1/bridge/test/reject ") } })
        let reject = try #require(output.messages.map { Received($0) }.first { $0.topic.hasSuffix("/reject") })
        #expect(reject.object["reason"] as? String == "state.version")
        #expect(reject.object["payload"] as? String == state)
        #expect(
            output.wait {
                $0.map { Received($0) }.contains {
                    $0.topic.hasSuffix("/health")
                        && ($0.object["rejected"] as? [String: Int])?["state.version"] == 1
                }
            }, "\(output.messages)")
        // Nothing has replaced it: that is the first reading's to do.
        #expect(output.messages.filter { $0.hasPrefix(topic + " ") } == ["\(topic) \(state)"])
        try mosquittoPub(
            port: broker.port, topic: "tele/gPlug1/SENSOR",
            payload: #"{"Time":"2026-11-21T00:27:09","z":{"SMid":"5550001","Pi":0.4,"Ei":3}}"#)
        #expect(
            output.wait { $0.contains { $0.hasPrefix("\(topic) ") && $0.contains("harmonized/1.0") } },
            "\(output.messages)")
        #expect(bridge.stop() == 0)
    }
}
