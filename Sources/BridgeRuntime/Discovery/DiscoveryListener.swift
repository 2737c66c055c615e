// SPDX-License-Identifier: Apache-2.0
package import Adapters
package import Harmonizer
package import MQTT
package import Machine

/// Listens to everything on a broker for a while.
package struct DiscoveryListener {
    private let client: OneShotClient
    private let address: String
    private let outputRoot: String
    private let asks: Bool
    private let interruption: Interruption
    private var asked: Set<String> = []
    /// Prints progress.
    package var say: (String) -> Void = { StandardError.line($0) }
    /// True to keep the received messages in `messages`.
    package var keepsMessages = false
    /// The first messages.
    package private(set) var messages: [RawMessage] = []
    /// The maximum number of messages kept; a broker may have any number.
    private static let limit = 5000

    /// - Parameter outputRoot: the root of the bridge's own topics, which are ignored.
    package init(_ broker: BrokerSettings, outputRoot: String, asks: Bool, interruption: Interruption) {
        client = OneShotClient(broker: broker)
        address = broker.address
        self.outputRoot = outputRoot
        self.asks = asks
        self.interruption = interruption
    }

    /// Listens for `span`, and at most `patience` longer while a reader's script is still open.
    package mutating func listen(
        to discovery: inout Discovery, for span: Duration, waiting patience: Duration
    ) throws(MQTTError) {
        try client.connect()
        defer { client.close() }
        try client.subscribe([TopicFilter("#", qos: .atMostOnce)])
        say("Listening on \(address) for \(span.components.seconds) s ...")
        try hear(&discovery, until: .now + span) { _ in false }
        guard !interruption.isRequested, patience > .zero, discovery.isWaiting else { return }
        say(
            "Waiting up to \(patience.components.seconds) s for readers that showed single values only "
                + "(Ctrl-C to stop\(asks ? "" : ", --ask to ask them")) ...")
        try hear(&discovery, until: .now + patience) { !$0.isWaiting }
    }

    private mutating func hear(
        _ discovery: inout Discovery, until end: ContinuousClock.Instant, isDone: (Discovery) -> Bool
    ) throws(MQTTError) {
        while !interruption.isRequested, ContinuousClock.now < end {
            guard let message = try client.receive(timeout: min(end - .now, .milliseconds(200))) else { continue }
            guard !message.topic.hasPrefix(outputRoot + "/") else { continue }
            let raw = RawMessage(
                topic: message.topic, payload: message.payload, isRetained: message.isRetained,
                received: SystemClock.now)
            discovery.hear(raw)
            if keepsMessages, messages.count < Self.limit { messages.append(raw) }
            if asks { try question(message.topic) }
            if isDone(discovery) { return }
        }
    }

    /// Asks each device once; the answer arrives like any other message.
    private mutating func question(_ topic: String) throws(MQTTError) {
        guard let command = TasmotaQuestion.topic(answering: topic), asked.insert(command).inserted else { return }
        try client.publish(
            MQTTMessage(topic: command, text: TasmotaQuestion.payload, qos: .atLeastOnce, isRetained: false))
    }
}
