// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto

/// What to subscribe to: a filter and the highest QoS wanted.
public struct TopicFilter: Sendable, Hashable {
    /// The filter text, with `+` and `#`.
    public var filter: String
    /// The highest QoS with which the broker may deliver.
    public var qos: QoS
    /// The subscription identifier, which an MQTT 5 broker adds to every message it delivers for this subscription, 1
    /// to 268435455; nil: none. It distinguishes the copies of one message that matches two filters.
    public var subscriptionID: UInt32?

    /// A subscription; the default is QoS 1.
    public init(_ filter: String, qos: QoS = .atLeastOnce, subscriptionID: UInt32? = nil) {
        self.filter = filter
        self.qos = qos
        self.subscriptionID = subscriptionID
    }

    /// True when the broker will accept the text as a filter.
    public var isValid: Bool { !filter.isEmpty && mosquitto_sub_topic_check(filter) == 0 }

    /// True when the filter covers this topic.
    public func matches(_ topic: String) -> Bool {
        var result = false
        return mosquitto_topic_matches_sub(filter, topic, &result) == 0 && result
    }
}
