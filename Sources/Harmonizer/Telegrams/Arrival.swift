// SPDX-License-Identifier: Apache-2.0

/// How a message arrived: what that tells about its age.
public struct Arrival: Sendable, Equatable {
    /// When it arrived.
    public var received: Timestamp
    /// True when the broker had retained it as the topic's last message: it may be of any age.
    public var isRetained = false
    /// True when it arrived with the messages that the broker had queued while the bridge was away.
    public var isQueued = false
    /// When the connection on which it arrived was made; nil when unknown.
    public var connected: Timestamp?
    /// When this device was last heard before: nothing that was queued since can be older.
    public var previous: Timestamp?

    /// Makes an arrival of which only the moment is known.
    public init(received: Timestamp, isRetained: Bool = false) {
        self.received = received
        self.isRetained = isRetained
    }

    /// Makes the arrival of a message from what the message itself contains.
    init(_ message: RawMessage) { self.init(received: message.received, isRetained: message.isRetained) }
}
