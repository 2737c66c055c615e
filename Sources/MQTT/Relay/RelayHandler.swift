// SPDX-License-Identifier: Apache-2.0
/// The callbacks of a relay, always called on its one thread.
public protocol RelayHandler {
    /// Handles an input message; returns what to publish before the message may be acknowledged.
    mutating func handle(_ message: MQTTMessage) -> [MQTTMessage]

    /// Called when `timeUntilDeadline` has run out, and about once a second.
    mutating func advance() -> [MQTTMessage]

    /// Emits everything still open now (limit reached, connection lost, shutdown); `hasOpenGroups` is false after it.
    mutating func flush() -> [MQTTMessage]

    /// Time until `advance()` has something to do; nil: nothing is waiting.
    // Mutating, so that reading it from a value with ten thousand meters does not copy that value.
    var timeUntilDeadline: Duration? { mutating get }

    /// True while taken messages have results that are not emitted yet: their batch stays unacknowledged.
    var hasOpenGroups: Bool { mutating get }

    /// Takes one of the bridge's own retained messages, read back before the input is opened.
    mutating func restore(_ message: MQTTMessage)

    /// The baseline is complete (or its time limit is over); the input opens after this call.
    mutating func restored(isComplete: Bool) -> [MQTTMessage]

    /// Executes a message on the command topic of the output broker; returns what to publish.
    mutating func command(_ message: MQTTMessage) -> [MQTTMessage]

    /// The output broker refuses this publication for good; returns what to publish instead, a dead letter for example.
    mutating func undeliverable(_ message: MQTTMessage, reason: String) -> [MQTTMessage]

    /// A message in the session is not accepted by libmosquitto; returns what to publish for it, a dead letter for
    /// example.
    mutating func unreadable(topic: [UInt8], payload: [UInt8]) -> [MQTTMessage]

    /// A connection event, for the log.
    mutating func notice(_ event: RelayEvent)

    /// `Relay.reload()` was called: the handler applies its new configuration now, between two messages. nil: no
    /// change.
    mutating func reload() -> RelayReload?

    /// The subscriptions of an earlier process, known after the baseline is read back: the session may still hold these
    /// filters. Empty when there was no earlier process.
    var formerSubscriptions: [String] { get }

    /// The bridge's own topics with retained messages of an earlier process that are not restored yet.
    var unrestoredTopics: [String] { mutating get }

    /// The client id of the input session that an earlier process of this bridge left, when it differs: its messages
    /// are handled first, and the session is ended. nil: there is none.
    var formerClientID: String? { get }

    /// The greeting of the output broker on each connection, made from `RelaySettings.birth`.
    mutating func greeting(_ birth: [MQTTMessage]) -> [MQTTMessage]

    /// The loop has completed a pass, at least five times a second, with or without a broker: a sign of life.
    mutating func completedPass(_ status: RelayStatus)

    /// The input messages of a batch were acknowledged; `latency` is the time since the first of them arrived.
    mutating func acknowledged(after latency: Duration)
}

extension RelayHandler {
    /// The configuration never changes.
    public mutating func reload() -> RelayReload? { nil }
    /// There was no earlier process.
    public var formerSubscriptions: [String] { [] }
    /// Nothing is missing.
    public var unrestoredTopics: [String] { [] }
    /// There is no former session.
    public var formerClientID: String? { nil }
    /// The birth messages of the settings.
    public mutating func greeting(_ birth: [MQTTMessage]) -> [MQTTMessage] { birth }
    /// Does nothing.
    public mutating func completedPass(_ status: RelayStatus) {}
    /// Does nothing.
    public mutating func acknowledged(after latency: Duration) {}
}

extension RelayHandler {
    /// Takes no commands.
    public mutating func command(_ message: MQTTMessage) -> [MQTTMessage] { [] }
}
