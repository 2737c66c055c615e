// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct OneShotClientTests {
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `it receives what it publishes`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let client = OneShotClient(
            broker: BrokerSettings(host: "localhost", port: broker.port, protocolVersion: version))
        try client.connect()
        try client.subscribe([TopicFilter("a/#")])
        let message = MQTTMessage(topic: "a/b", payload: [0, 1, 255])
        try client.publish(message)
        #expect(try client.receive(timeout: .seconds(5)) == message)
        #expect(try client.receive(timeout: .milliseconds(10)) == nil)
        client.close()
    }

    @Test func `it publishes for mosquitto_sub and reads mosquitto_pub`() throws {
        let broker = try MosquittoBroker()
        let sink = try MosquittoSub(port: broker.port)
        let client = OneShotClient(broker: BrokerSettings(host: "localhost", port: broker.port))
        try client.connect()
        try client.publish(MQTTMessage(topic: "a", text: "1", qos: .atMostOnce))
        try client.publish(MQTTMessage(topic: "a", text: "2"))
        #expect(sink.wait { $0 == ["a 1", "a 2"] })
        try mosquittoPub(port: broker.port, topic: "b", payload: "kept", retain: true)
        try client.subscribe([TopicFilter("b")])
        let received = try client.receive(timeout: .seconds(5))
        #expect(received == MQTTMessage(topic: "b", text: "kept", isRetained: true))
        client.close()
    }

    @Test func `a wrong password is an error`() throws {
        let broker = try MosquittoBroker(.init(users: ["a": "b"]))
        let settings = BrokerSettings(host: "localhost", port: broker.port, username: "a", password: "c")
        #expect(throws: MQTTError.notAuthorised(username: "a")) { try OneShotClient(broker: settings).connect() }
    }

    @Test func `a closed port is an error`() throws {
        let port = try freePort()
        let error = MQTTError.unreachable(address: "localhost:\(port)", reason: "Connection refused")
        #expect(throws: error) { try OneShotClient(broker: BrokerSettings(host: "localhost", port: port)).connect() }
    }

    @Test func `a lost connection ends the wait`() throws {
        let broker = try MosquittoBroker()
        let client = OneShotClient(broker: BrokerSettings(host: "localhost", port: broker.port))
        try client.connect()
        broker.kill()
        #expect(throws: MQTTError.self) { try client.receive(timeout: .seconds(10)) }
    }
}
