// SPDX-License-Identifier: Apache-2.0

/// Detects while the broker delivers what it queued for an absent bridge.
struct QueueWatch: Sendable {
    private(set) var connected: Timestamp?
    private var isDraining = false
    private var last: Timestamp?

    /// A broker delivers a queue without pauses.
    private static let pause = TimeSpan.milliseconds(250)
    /// Messages every few seconds for this long are not a queue.
    private static let limit = TimeSpan.minutes(10)

    /// - Parameter isResumed: true when the broker had kept the session, so that it may have queued messages.
    mutating func connect(at now: Timestamp, isResumed: Bool) {
        connected = now
        last = now
        isDraining = isResumed
    }

    /// True when a message that arrives now may come from the queue.
    ///
    /// - Parameter pace: the pause since the device's previous message, and the usual pause; nil for the first message
    ///   of this connection.
    mutating func isQueued(at now: Timestamp, pace: (pause: TimeSpan, usual: TimeSpan?)?) -> Bool {
        guard isDraining, let connected, let last else { return false }
        self.last = now
        if now - last >= Self.pause || now - connected >= Self.limit {
            isDraining = false
            return false
        }
        // A thousand meters together never pause, but each one has its own pace.
        guard let pace else { return true }
        return pace.pause < max(.seconds(1), (pace.usual ?? .zero) / 2)
    }
}
