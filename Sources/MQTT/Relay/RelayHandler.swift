// SPDX-License-Identifier: Apache-2.0
/// What the relay calls, always on its one thread.
public protocol RelayHandler {
    /// An input message; returns what to publish before it may be acknowledged.
    mutating func handle(_ message: MQTTMessage) -> [MQTTMessage]

    /// Called when `timeUntilDeadline` has run out, and about once a second.
    mutating func advance() -> [MQTTMessage]

    /// Everything still open is emitted now (limit reached, connection lost, shutdown); `hasOpenGroups` is false after it.
    mutating func flush() -> [MQTTMessage]

    /// Time until `advance()` has something to do; nil: nothing is waiting.
    // Mutating, so that asking a value that holds ten thousand meters does not copy it.
    var timeUntilDeadline: Duration? { mutating get }

    /// True while taken messages have results that are not emitted yet: their batch stays unacknowledged.
    var hasOpenGroups: Bool { mutating get }

    /// One of the bridge's own retained messages, read back before the input is opened.
    mutating func restore(_ message: MQTTMessage)

    /// The baseline is complete (or its time limit passed); the input opens after this.
    mutating func restored(isComplete: Bool) -> [MQTTMessage]

    /// A message on the command topic of the output broker; returns what to publish.
    mutating func command(_ message: MQTTMessage) -> [MQTTMessage]

    /// The output broker will not take this publication: returns what becomes of it, a dead letter for example.
    mutating func undeliverable(_ message: MQTTMessage, reason: String) -> [MQTTMessage]

    /// A message that libmosquitto does not accept was found in the session: returns what becomes of it, a dead letter for example.
    mutating func unreadable(topic: [UInt8], payload: [UInt8]) -> [MQTTMessage]

    /// A connection event, for the log.
    mutating func notice(_ event: RelayEvent)

    /// `Relay.reload()` was called: the handler takes over its new configuration now, between two messages. Nil: nothing changes.
    mutating func reload() -> RelayReload?

    /// What an earlier process had subscribed to, known once the baseline is read back: the session may hold these filters
    /// still. Empty when there was none.
    var formerSubscriptions: [String] { get }

    /// Topics of the bridge's own whose retained messages an earlier process had and that were not restored yet.
    var unrestoredTopics: [String] { mutating get }

    /// The client id of the input session that an earlier process of this bridge left, where it had another one: what waits in it
    /// is handled first, and the session is ended. nil: there is none.
    var formerClientID: String? { get }

    /// What the output broker is greeted with on each connection, made of `RelaySettings.birth`.
    mutating func greeting(_ birth: [MQTTMessage]) -> [MQTTMessage]

    /// The loop has completed a pass, which it does at least five times a second, broker or not: a sign of life.
    mutating func completedPass(_ status: RelayStatus)

    /// The input messages of a batch were acknowledged, so long after the first of them came.
    mutating func acknowledged(after latency: Duration)
}

extension RelayHandler {
    /// Nothing ever changes.
    public mutating func reload() -> RelayReload? { nil }
    /// There was no earlier process.
    public var formerSubscriptions: [String] { [] }
    /// Nothing is missing.
    public var unrestoredTopics: [String] { [] }
    /// There is none.
    public var formerClientID: String? { nil }
    /// As the settings say.
    public mutating func greeting(_ birth: [MQTTMessage]) -> [MQTTMessage] { birth }
    /// Nobody watches.
    public mutating func completedPass(_ status: RelayStatus) {}
    /// Nobody measures.
    public mutating func acknowledged(after latency: Duration) {}
}

extension RelayHandler {
    /// A handler that takes no commands.
    public mutating func command(_ message: MQTTMessage) -> [MQTTMessage] { [] }
}
