// SPDX-License-Identifier: Apache-2.0

/// Why a message that should have been meter data could not be understood.
public struct Rejection: Error, Sendable, Hashable {
    /// The reason, a closed list.
    public var reason: Reason
    /// Where in the payload, in bytes from its start; nil when the whole is at fault.
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
        /// No JSON, not even with leniency.
        case json = "json.invalid"
        /// JSON, but not of the shape this adapter reads.
        case shape = "payload.unexpected"
        /// No value, or no number where one must stand.
        case value = "value.invalid"
        /// The telegram's CRC does not match.
        case crc = "telegram.crc"
        /// The head or the tail of the telegram is missing.
        case incomplete = "telegram.incomplete"
        /// Encrypted, and no key, or not the right one.
        case encrypted = "telegram.encrypted"
        /// An authentic frame that was sent before: its counter is not higher than that of the last one.
        case replay = "telegram.replay"
        /// A meter's list of values that no table knows.
        case unknownList = "list.unknown"
        /// A list whose table does not agree with its own values.
        case unprovenList = "list.unproven"
        /// A list that several tables fit, with different values.
        case ambiguousList = "list.ambiguous"
        /// Bytes that somebody treated as text: some of them are gone for good.
        case damagedText = "payload.text-damaged"
        /// Larger than the limit.
        case tooLarge = "payload.too-large"
        /// More devices or meters than the source may have.
        case limit = "limit.reached"
        /// The topic is longer than the limit.
        case topicLength = "topic.too-long"
        /// No message of its own: how many others were counted and not repeated.
        case suppressed = "reject.suppressed"
        /// The topic does not name a register of this adapter.
        case topic = "topic.unexpected"
        /// Handling it ended the bridge, again and again.
        case crash = "message.crash"
        /// Its topic or a property is not what MQTT allows, so that no client library reads it.
        case malformed = "message.malformed"
        /// Not a reader's: a publication of the bridge that the output broker does not take.
        case undeliverable = "publication.refused"
        /// It needed a repair that the profile's `fixes` rejects.
        case policy = "policy.rejected"
        /// No reader's: what the broker kept of a meter (`state`, `info`) is of another major version of this bridge.
        case otherStateVersion = "state.version"
        /// No reader's: what the broker kept of a meter is damaged.
        case invalidState = "state.invalid"
    }
}
