// SPDX-License-Identifier: Apache-2.0

/// A message as it arrived, from MQTT, a file, or elsewhere.
public struct RawMessage: Sendable, Equatable {
    /// MQTT topic.
    public var topic: String
    /// The bytes of the payload.
    public var payload: [UInt8]
    /// True when the broker delivered it from its store of retained messages: of unknown age.
    public var isRetained: Bool
    /// True when the broker reports that it may have delivered it before (DUP). libmosquitto does not pass the flag on,
    /// so the bridge never sets it: a decoder has to know by itself what arrived before.
    public var isRedelivered = false
    /// When it arrived here.
    public var received: Timestamp

    /// Makes a message.
    public init(topic: String, payload: [UInt8], isRetained: Bool = false, received: Timestamp) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.received = received
    }
}
