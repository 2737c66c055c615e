// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport
import Testing

/// Filters that overlap without one covering the other: mosquitto delivers a message for each of them with MQTT 5.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct CopyTests {
    private func settings(_ port: Int, numbers: [UInt32?], version: ProtocolVersion = .v5) -> RelaySettings {
        var settings = RelaySettings.test(input: port, version: version)
        settings.subscriptions = zip(["in/+/b", "in/a/#"], numbers).map { TopicFilter($0, subscriptionID: $1) }
        return settings
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `a message is handled once, a repeated one as often as it came`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let relay = RunningRelay(settings(broker.port, numbers: [7, 8], version: version))
        #expect(relay.isSubscribed())
        try mosquittoPub(port: broker.port, topic: "in/a/b", lines: ["1", "1", "1", "2", "1"])
        try mosquittoPub(port: broker.port, topic: "in/c/b", lines: ["3", "3"])
        try mosquittoPub(port: broker.port, topic: "in/a/c", lines: ["4", "4"])
        #expect(relay.record.wait { $0.handled.count >= 9 })
        #expect(relay.stop())
        #expect(relay.record.value.handled == ["1", "1", "1", "2", "1", "3", "3", "4", "4"])
    }

    @Test func `without numbers there are copies, which shows that this broker makes them`() throws {
        let broker = try MosquittoBroker()
        let relay = RunningRelay(settings(broker.port, numbers: [nil, nil]))
        #expect(relay.isSubscribed())
        try mosquittoPub(port: broker.port, topic: "in/a/b", lines: ["1", "2"])
        #expect(relay.record.wait { $0.handled == ["1", "1", "2", "2"] })
        #expect(relay.stop())
    }
}
