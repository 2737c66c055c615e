// SPDX-License-Identifier: Apache-2.0

/// Reads the messages of one device, in the order of their arrival.
public protocol TelegramDecoder: Sendable {
    /// Understands one message.
    mutating func decode(_ message: RawMessage, context: DecodingContext) -> Verdict
    /// When the telegram that is being assembled was begun; nil when none is open.
    var openSince: Timestamp? { get }
    /// Gives up on an open telegram: its remains as a verdict (usually `telegram.incomplete`), nil when nothing was open.
    mutating func abandon() -> Verdict?
    /// Forgets what it knows of a sender (`Telegram.memory`): a person says that the meter begins anew.
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

/// What a decoder may know beyond the message.
public struct DecodingContext: Sendable {
    /// True when each observation shall carry its words on the wire.
    public var keepsRaw: Bool
    /// What is taken from a sender.
    public var limits: Limits
    /// What decoders of an earlier run remembered of senders, and newer ones since: `Telegram.memory` by sender.
    public var memories: [String: String] = [:]

    /// Makes a context.
    public init(keepsRaw: Bool = false, limits: Limits = Limits()) {
        self.keepsRaw = keepsRaw
        self.limits = limits
    }
}

/// What a decoder made of a message.
public enum Verdict: Sendable, Equatable {
    /// Meter data. Several when the payload holds several telegrams; those among them that could not be understood, each with its
    /// place, are `rejected`.
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
