// SPDX-License-Identifier: Apache-2.0

/// Why a message that should have been meter data could not be understood.
public struct Rejection: Error, Sendable, Hashable {
    /// The reason, a closed list.
    public var reason: Reason
    /// The position in the payload, in bytes from its start; nil when the whole payload is at fault.
    public var position: Int?
    /// What is wrong, for a person: `expected 5AA5, found F798`.
    public var detail: String

    /// Makes a rejection.
    public init(_ reason: Reason, at position: Int? = nil, _ detail: String) {
        self.reason = reason
        self.position = position
        self.detail = detail
    }

    /// Reason codes in `reject` payloads.
    public enum Reason: String, Sendable, CaseIterable {
        /// Not JSON, not even with leniency.
        case json = "json.invalid"
        /// JSON, but not of the shape this adapter reads.
        case shape = "payload.unexpected"
        /// A value is missing, or is not a number where a number is required.
        case value = "value.invalid"
        /// The telegram's CRC does not match.
        case crc = "telegram.crc"
        /// The head or the tail of the telegram is missing.
        case incomplete = "telegram.incomplete"
        /// Encrypted, and the key is missing or wrong.
        case encrypted = "telegram.encrypted"
        /// An authentic frame that was sent before: its counter is not higher than that of the last one.
        case replay = "telegram.replay"
        /// A meter's list of values that is in no table.
        case unknownList = "list.unknown"
        /// A list whose table does not agree with its own values.
        case unprovenList = "list.unproven"
        /// A list that several tables fit, with different values.
        case ambiguousList = "list.ambiguous"
        /// Bytes that a program treated as text: some of them are lost for good.
        case damagedText = "payload.text-damaged"
        /// Larger than the limit.
        case tooLarge = "payload.too-large"
        /// More devices or meters than the source may have.
        case limit = "limit.reached"
        /// The topic is longer than the limit.
        case topicLength = "topic.too-long"
        /// Not a message of its own: the number of other rejects that were counted and not published.
        case suppressed = "reject.suppressed"
        /// The topic does not name a register of this adapter.
        case topic = "topic.unexpected"
        /// Handling it ended the bridge repeatedly.
        case crash = "message.crash"
        /// Its topic or a property is not allowed by MQTT, so that no client library reads it.
        case malformed = "message.malformed"
        /// Not a reader's message: a publication of the bridge that the output broker refuses.
        case undeliverable = "publication.refused"
        /// It needed a repair that the profile's `fixes` rejects.
        case policy = "policy.rejected"
        /// Not a reader's message: what the broker kept of a meter (`state`, `info`) is from another major version of
        /// this bridge.
        case otherStateVersion = "state.version"
        /// Not a reader's message: what the broker kept of a meter is damaged.
        case invalidState = "state.invalid"
    }
}
