// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Foundation
import Harmonizer
import Inputs
package import Logging
package import MQTT
import Machine
import ServiceLifecycle

/// Runs the relay on its own thread, as a service that ends cleanly.
package struct BridgeService: Service {
    package let relay: Relay
    private let manager: ServiceManager?

    package init(_ configuration: Configuration, logger: Logger, surroundings: BridgeHandler.Surroundings) {
        manager = surroundings.manager
        let handler = BridgeHandler(configuration, logger: logger, surroundings: surroundings)
        let relay = Relay(settings: Self.relaySettings(configuration, surroundings), handler: handler)
        surroundings.inputs.notify { relay.wake() }
        surroundings.access?.queries.notify { relay.wake() }
        surroundings.access?.orders.notify { relay.wake() }
        self.relay = relay
    }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // The relay blocks in poll, so it needs its own thread, not one of the cooperative pool.
                let isStarted = startThread(named: "relay") { [relay] in
                    continuation.resume(with: Result { try relay.run() })
                }
                if !isStarted { continuation.resume(throwing: ThreadShortage()) }
            }
        } onGracefulShutdown: { [relay, manager] in
            manager?.stopping()
            relay.stop()
        }
    }

    static func relaySettings(
        _ configuration: Configuration, _ surroundings: BridgeHandler.Surroundings
    ) -> RelaySettings {
        let topics = configuration.profile.topics
        let status = topics.status.topic(["bridge": configuration.bridge])
        let statusQoS: QoS = topics.status.qos == 0 ? .atMostOnce : .atLeastOnce
        func message(_ text: String) -> MQTTMessage {
            MQTTMessage(topic: status, text: text, qos: statusQoS, isRetained: topics.status.retain != .never)
        }
        var settings = RelaySettings(
            input: configuration.input.settings, output: configuration.output.settings,
            inputClientID: configuration.input.clientID,
            outputClientID: outputClientID(configuration), subscriptions: configuration.subscriptions)
        settings.questions = configuration.questions
        // The pipeline closes its groups itself, at the latest after the longest time of a telegram that comes line by
        // line.
        settings.groupTimeout = Duration(configuration.profile.groups.limit * 5 + .seconds(1))
        settings.sessionExpiry = configuration.input.sessionExpiry
        settings.payloadLimit = configuration.limits.payload
        if topics.status.isEnabled {
            settings.will = message("offline")
            settings.birth = [message("online")]
            settings.farewell = [message("offline")]
        }
        if topics.bridgeInfo.isEnabled {
            settings.birth.append(
                MQTTMessage(
                    topic: topics.bridgeInfo.topic(["bridge": configuration.bridge]),
                    payload: BridgeInfo(configuration).payload, qos: .atLeastOnce, isRetained: true))
        }
        settings.birth += configuration.outputs.birth().map(MQTTMessage.init)
        settings.farewell = configuration.outputs.farewell().map(MQTTMessage.init) + settings.farewell
        settings.commandTopic = Pipeline.commandTopic(topics, bridge: configuration.bridge)
        settings.acceptsLoss = configuration.output.acceptsLoss
        if topics.reject.isEnabled { settings.deadLetterTopic = topics.reject.topic(["bridge": configuration.bridge]) }
        settings.presence = presence(configuration, commandTopic: settings.commandTopic)
        if surroundings.endsWhenAnotherRuns { settings.presence?.retry = nil }
        var filters = Pipeline.baselineFilters(topics)
        if topics.bridgeInfo.isEnabled {
            // `info` has the subscriptions of an earlier process, and its absence shows that the broker lost its
            // retained messages.
            filters.append(topics.bridgeInfo.topic(["bridge": configuration.bridge]))
            settings.sentinelTopic = filters.last
        }
        settings.dropCounterTopic = "$SYS/broker/publish/messages/dropped"
        settings.baseline = RelaySettings.Baseline(
            filters: filters,  // The marker's topic has a dot, which some brokers change.
            markerTopic: "\(topics.root)/bridge/\(configuration.bridge)/marker/1.0")
        return settings
    }

    /// The question for another process with the bridge's name; nil when the bridge takes no commands.
    private static func presence(_ configuration: Configuration, commandTopic: String?) -> Presence? {
        let answer = configuration.profile.topics.answer
        guard let commandTopic, answer.isEnabled else { return nil }
        let (bridge, clientID) = (configuration.bridge, configuration.input.clientID)
        return Presence(
            questionTopic: commandTopic, answerTopic: answer.topic(["bridge": bridge]), retry: .seconds(300),
            question: { Command(.identify, meter: "", request: $0).payload },
            answer: { payload, word in
                guard let answer = Answer(payload), answer.request == word else { return nil }
                // Earlier versions do not know the question, and answer with an error.
                guard let process = answer.process else { return "another bridge \"\(bridge)\" on this broker" }
                let words = process.split(separator: " ", maxSplits: 1).map(String.init)
                guard words.first == clientID, words.last != ProcessWord.mine else { return nil }
                let who = answer.lines.first.map { " (\($0))" } ?? ""
                return "another bridge \"\(bridge)\" on this broker\(who)"
            })
    }

    /// The output's client id, different from the input's: both may connect to one broker, where two clients cannot
    /// share an id.
    private static func outputClientID(_ configuration: Configuration) -> String {
        let input = configuration.input.clientID
        let output = configuration.output.clientID
        guard output == input else { return output }
        return (input.hasSuffix("-in") ? String(input.dropLast(3)) : input) + "-out"
    }
}
