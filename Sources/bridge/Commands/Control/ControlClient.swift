// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import MQTT
import Machine

/// Sends a command to the running bridge, and prints its answer.
struct ControlClient {
    let configuration: Configuration
    /// How long the bridge may take.
    let timeout: Duration

    init(config: String, timeout: Duration) throws {
        configuration = try ConfigurationLoader().required(path: config)
        self.timeout = timeout
    }

    func send(_ name: Command.Name, meter: String) throws {
        let topics = configuration.profile.topics
        guard let topic = Pipeline.commandTopic(topics, bridge: configuration.bridge), topics.answer.isEnabled else {
            throw CommandFailure("the profile has no topics \"command\" and \"answer\": the bridge takes no commands")
        }
        let command = Command(name, meter: meter, request: UUID().uuidString.lowercased())
        let answer = try configuration.reachingBroker {
            try ask(command, on: topic, answers: topics.answer.topic(["bridge": configuration.bridge]))
        }
        guard let answer else {
            let address = configuration.output.settings.address
            throw CommandFailure(
                "no bridge \"\(configuration.bridge)\" answered on \(address) within \(timeout.components.seconds) s: "
                    + "is it running, and may it read \(topic)?", .unavailable)
        }
        for line in answer.lines.map(Terminal.escaped) {
            if answer.isDone { try StandardOutput.print(line) } else { StandardError.line(line) }
        }
        if !answer.isDone { throw ExitCode.faults }
    }

    private func ask(_ command: Command, on topic: String, answers: String) throws(MQTTError) -> Answer? {
        let client = OneShotClient(broker: configuration.output.settings, clientIDPrefix: "obis-bridge-control")
        defer { client.close() }
        try client.connect()
        try client.subscribe([TopicFilter(answers)])
        try client.publish(MQTTMessage(topic: topic, payload: command.payload))
        let deadline = ContinuousClock.now + timeout
        while let message = try client.receive(timeout: max(.zero, deadline - .now)) {
            // Other clients may send commands at the same time.
            if let answer = Answer(message.payload), answer.request == command.request { return answer }
        }
        return nil
    }
}

/// The options of `accept` and `forget`.
struct ControlOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file of the running bridge. \(ConfigurationPath.help)")
    var config: String?
    @Option(help: "How long to wait for its answer.")
    var timeout = "5s"
    @Argument(help: "The meter's id as it is published, or its name below \"meters:\".")
    var meter: String

    func validate() throws {
        try TimeSpan.validate(timeout, of: "--timeout", like: "5s")
    }

    func send(_ name: Command.Name) throws {
        let span = Duration(TimeSpan(timeout) ?? .seconds(5))
        try ControlClient(config: ConfigurationPath.required(config), timeout: span).send(name, meter: meter)
    }
}
