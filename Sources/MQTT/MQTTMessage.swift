// SPDX-License-Identifier: Apache-2.0
/// One application message, in either direction.
public struct MQTTMessage: Sendable, Equatable {
    /// The topic name.
    public var topic: String
    /// The payload as bytes.
    public var payload: [UInt8]
    /// Bytes of the payload that are not in `payload`: of a message larger than `RelaySettings.payloadLimit` only the
    /// beginning is kept.
    public internal(set) var omitted = 0
    /// The quality of service of the message.
    public var qos: QoS
    /// Sent: the broker is to keep it. Received: the broker had kept it.
    public var isRetained: Bool
    /// Received with MQTT 5: the identifier of the subscription, where it has one.
    public var subscriptionID: UInt32?

    /// A message with a binary payload.
    public init(topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, isRetained: Bool = false) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
    }

    /// A message with a text payload.
    public init(topic: String, text: String, qos: QoS = .atLeastOnce, isRetained: Bool = false) {
        self.init(topic: topic, payload: Array(text.utf8), qos: qos, isRetained: isRetained)
    }

    /// The payload read as UTF-8, invalid bytes replaced.
    public var text: String { String(decoding: payload, as: UTF8.self) }
}
