// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import MQTT

/// The moment between a look at a connection and a write into it, in which its peer dies.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct HangUpTests {
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a write that fails leaves what the broker had sent to be read`(version: ProtocolVersion) throws {
        let broker = try FakeBroker()
        let settings = BrokerSettings(host: "127.0.0.1", port: broker.port, protocolVersion: version)
        let link = Link(plan: LinkPlan(broker: settings, clientID: "client", sessionExpiry: 60), wakeup: Wakeup())
        var payloads: [String] = []
        var loss: MQTTError?
        link.deliver = { occurrence in
            switch occurrence {
            case .message(let message): payloads.append(message.text)
            case .failed(let error, _, _): loss = error
            default: break
            }
        }
        let deadline = ContinuousClock.now + .seconds(60 * Patience.factor)
        while !link.isReady, ContinuousClock.now < deadline {
            link.openIfDue(.now)
            link.tick(.now)
            link.write()
            link.read()
        }
        broker.send(["1"], topic: "in/a", to: "client")
        while payloads.isEmpty, ContinuousClock.now < deadline { link.read() }
        broker.send(["2", "3"], topic: "in/a", to: "client", firstID: 2)
        broker.reset("client")
        // No poll(2) tells the link that its peer is gone. The first write takes the acknowledgement along.
        while !link.isHungUp, ContinuousClock.now < deadline {
            _ = link.publish(MQTTMessage(topic: "out/a", text: "1"))
            link.write()
            Thread.sleep(forTimeInterval: 0.01)
        }
        #expect(link.isHungUp)
        #expect(loss == nil)
        #expect(payloads == ["1"])
        while loss == nil, ContinuousClock.now < deadline { link.read() }
        #expect(payloads == ["1", "2", "3"])
        guard case .connectionLost = loss else {
            Issue.record("\(String(describing: loss))")
            return
        }
    }
}
