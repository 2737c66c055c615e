// SPDX-License-Identifier: Apache-2.0

/// Reads the messages of one device, in the order of their arrival.
public protocol TelegramDecoder: Sendable {
    /// Decodes one message.
    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict
    /// When the open telegram, which is being assembled, was begun; nil when none is open.
    var openSince: Timestamp? { get }
    /// Gives up an open telegram and returns its remains as a verdict (usually `telegram.incomplete`); nil when none
    /// was open.
    mutating func abandon() -> Verdict?
    /// Forgets what it knows of a sender (`Telegram.memory`), because a person declared that the meter begins anew.
    mutating func forget(sender: String)
}

extension TelegramDecoder {
    /// Nothing is ever open.
    public var openSince: Timestamp? { nil }
    /// Nothing is ever open.
    public mutating func abandon() -> Verdict? { nil }
    /// Nothing is known of senders.
    public mutating func forget(sender: String) {}
}

/// What a decoder may use besides the message.
public struct DecodingContext: Sendable {
    /// True when each observation has to carry its text as received.
    public var keepsRaw: Bool
    /// What is accepted from a sender.
    public var limits: Limits
    /// What decoders remembered of senders, in an earlier run and since: `Telegram.memory` by sender.
    public var memories: [String: String] = [:]

    /// Makes a context.
    public init(keepsRaw: Bool = false, limits: Limits = Limits()) {
        self.keepsRaw = keepsRaw
        self.limits = limits
    }
}

/// The result of decoding a message.
public enum Verdict: Sendable, Equatable {
    /// Meter data. Several telegrams when the payload contains several; those among them that could not be understood
    /// are `rejected`, each with its position.
    case telegrams([Telegram], rejected: [Rejection] = [], remarks: [Remark] = [])
    /// A piece of a telegram that is not complete yet.
    case fragment
    /// Known not to be meter data; the kind is counted: `tasmota-state`.
    case ignored(kind: String, remarks: [Remark] = [])
    /// The reader's last will: `Online` or `Offline`.
    case availability(isOnline: Bool)
    /// Should have been meter data, and nothing of it was understood.
    case rejected(Rejection)
}

/// Something a person should read once about a device: a guess, an unknown label.
public enum Remark: Sendable, Hashable {
    /// The label dictionary was guessed from the keys of a periodic message.
    case guessedLabels(String, known: Int, of: Int)
    /// No dictionary could be guessed: the keys fit several, or none.
    case ambiguousLabels(candidates: [String], keys: [String])
    /// The dictionary that the user named knows fewer of the labels than another one.
    case betterLabels(String, known: Int, of: Int, insteadOf: String, knowing: Int)
    /// A label that the dictionary has no code for; its value is not published.
    case unknownLabel(String)
    /// Numbers that the reader sends and no field of its mapping reads, by name or JSON Pointer.
    case unreadFields([String], mapping: String)
    /// Fields of the mapping that no message had.
    case absentFields([String], mapping: String)
    /// A line or member that is malformed, kept apart from the rest.
    case malformed(String)
}
