// SPDX-License-Identifier: Apache-2.0

/// How a message came: what its arrival can say about its age.
public struct Arrival: Sendable, Equatable {
    /// When it arrived.
    public var received: Timestamp
    /// True when the broker had kept it as the topic's last message: of any age.
    public var isRetained = false
    /// True when it came with those that the broker had queued while the bridge was away.
    public var isQueued = false
    /// When the connection was made on which it came; nil when nobody said.
    public var connected: Timestamp?
    /// When this device was last heard before: nothing that was queued since can be older.
    public var previous: Timestamp?

    /// An arrival of which only the moment is known.
    public init(received: Timestamp, isRetained: Bool = false) {
        self.received = received
        self.isRetained = isRetained
    }

    /// The arrival of a message of which only that is known.
    init(_ message: RawMessage) { self.init(received: message.received, isRetained: message.isRetained) }
}
