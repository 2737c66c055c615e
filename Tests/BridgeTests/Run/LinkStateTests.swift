// SPDX-License-Identifier: Apache-2.0
import MQTT
import Testing

@testable import BridgeRuntime

/// What is missing before the bridge is ready.
@Suite struct LinkStateTests {
    private let ready = RelayStatus(isInputConnected: true, isOutputConnected: true, isBaselineDone: true)
    private let filter = MQTT.TopicFilter("tele/+/SENSOR")

    private func connected(_ side: RelaySide, resumed: Bool = false) -> RelayEvent {
        .connected(side: side, version: .v5, sessionPresent: resumed)
    }

    @Test func `at the start everything is missing`() {
        #expect(LinkState().missing.count == 3)
    }

    @Test func `it is ready once it has subscribed`() {
        var links = LinkState()
        links.status = ready
        links.note(connected(.output))
        links.note(connected(.input))
        #expect(links.missing == ["input: not subscribed yet"])
        links.note(.subscribed(filters: [filter]))
        #expect(links.missing.isEmpty)
        #expect(links.reconnects(.input) == 0 && links.reconnects(.output) == 0)
        // Whose session is resumed has its subscriptions; whose is not subscribes again.
        links.note(connected(.input, resumed: true))
        #expect(links.missing.isEmpty)
        links.note(connected(.input))
        #expect(links.missing == ["input: not subscribed yet"])
        #expect(links.reconnects(.input) == 2)
    }

    @Test func `why a broker is away is said, without its address and the user, until it is back`() {
        var links = LinkState()
        links.status = RelayStatus(isInputConnected: false, isOutputConnected: true, isBaselineDone: true)
        #expect(links.missing == ["input: not connected"])
        let lost = MQTTError.connectionLost(address: "secret.example.org:1883", reason: "server busy")
        links.note(.disconnected(side: .input, reason: lost))
        #expect(links.missing == ["input: not connected (server busy)"])
        links.note(.refused(side: .input, reason: .notAuthorised(username: "somebody")))
        #expect(links.missing == ["input: not connected (not authorised)"])
        links.note(connected(.input))
        #expect(links.missing == ["input: not connected"])
    }

    @Test func `what the broker forbids is missing until nobody wants it`() {
        var links = LinkState()
        links.status = ready
        links.note(connected(.input))
        links.note(.subscriptionRefused(filter: filter, reason: "the broker does not allow it"))
        links.note(.subscribed(filters: []))
        #expect(links.missing == ["input: the broker does not allow tele/+/SENSOR"])
        links.reloaded(["tele/+/SENSOR"])
        #expect(links.missing.count == 1)
        links.reloaded(["other"])
        #expect(links.missing.isEmpty)
    }

    @Test func `a baseline that may not be read is missing`() {
        var links = LinkState()
        links.status = ready
        links.note(connected(.input))
        links.note(.subscribed(filters: [filter]))
        links.note(.baselineIncomplete(reason: "the output broker does not let the bridge read its own topics"))
        #expect(links.missing == ["baseline: the output broker does not let the bridge read its own topics"])
    }

    @Test func `lost sessions are counted`() {
        var links = LinkState()
        links.note(.sessionLost(clientID: "a"))
        links.note(.sessionLost(clientID: "a"))
        #expect(links.sessionsLost == 2)
    }
}
