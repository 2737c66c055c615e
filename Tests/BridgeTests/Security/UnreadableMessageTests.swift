// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// A message that some brokers pass on and libmosquitto refuses to read.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct UnreadableMessageTests {
    @Test(arguments: [[0x01], [0x00], [0xFF]] as [[UInt8]])
    func `a message that cannot be read is a dead letter, and what is behind it comes out`(bytes: [UInt8]) async throws
    {
        try await onOwnThread {
            let (input, output) = (try FakeBroker(), try MosquittoBroker())
            let sink = try MosquittoSub(port: output.port, topics: ["harmonized/#"])
            let topic = Array("tele/g".utf8) + bytes + Array("/SENSOR".utf8)
            input.keepSession(
                of: "home-in", messages: [(topic, "intruder"), (Array("tele/g/SENSOR".utf8), #"{"z":{"Pi":412}}"#)])
            let bridge = try RunningBridge(
                """
                bridge: home
                broker: mqtt://localhost:\(input.port)
                output_broker: mqtt://localhost:\(output.port)
                zone: UTC
                sources: {g: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/+/SENSOR, meter: house}}
                """, waitsForSubscription: false)
            #expect(sink.wait(seconds: 60) { $0.contains { $0.hasPrefix("harmonized/v1/meter/house/reading ") } })
            let letters = sink.messages.map { Received($0) }.filter { $0.topic == "harmonized/v1/bridge/home/reject" }
            #expect(letters.count == 1, "\(bridge.log)")
            let letter = letters.first?.object ?? [:]
            #expect(letter["reason"] as? String == "message.malformed")
            #expect(letter["payload"] as? String == "intruder")
            // Acknowledged once it was published, and once.
            #expect(input.wait { $0.count { $0.client == "home-in" && $0.kind == .puback } == 2 })
            #expect(bridge.stop() == 0)
        }
    }
}
