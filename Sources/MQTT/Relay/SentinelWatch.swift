// SPDX-License-Identifier: Apache-2.0
/// Finds out after a reconnect whether the output broker still has the retained messages.
///
/// The relay subscribes to a topic of its greeting and then publishes the greeting: a broker that still has the
/// retained copy sends it first; one that forgot it sends the greeting itself.
struct SentinelWatch {
    private var topic: String?
    private var subscription: Int32?

    mutating func begin(topic: String, subscription: Int32) {
        self.topic = topic
        self.subscription = subscription
    }

    /// True when the broker refuses the subscription: then it is unknown whether it forgot.
    mutating func isRefused(_ id: Int32, codes: [Int32]) -> Bool {
        guard topic != nil, id == subscription, codes.contains(where: { $0 >= 128 }) else { return false }
        topic = nil
        return true
    }

    /// nil for a message on another topic; otherwise whether the broker forgot.
    mutating func hasForgotten(_ message: MQTTMessage) -> Bool? {
        guard message.topic == topic else { return nil }
        topic = nil
        return !message.isRetained
    }
}

extension RelayLoop {
    /// Starts the check, before the greeting is handed over.
    func startSentinel() {
        sentinel = SentinelWatch()
        guard let topic = settings.sentinelTopic, settings.birth.contains(where: { $0.topic == topic }),
            let id = try? output.subscribe(TopicFilter(topic), replay: true)
        else { return handler.notice(.retainedLost) }
        sentinel.begin(topic: topic, subscription: id)
    }

    func sentinelReceived(_ message: MQTTMessage) {
        guard let hasForgotten = sentinel.hasForgotten(message) else { return }
        output.unsubscribe(message.topic)
        if hasForgotten { handler.notice(.retainedLost) }
    }
}
