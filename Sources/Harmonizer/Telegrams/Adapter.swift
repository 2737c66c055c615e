// SPDX-License-Identifier: Apache-2.0

/// A vendor's format: how its topics name a device, and how its payloads become telegrams.
public protocol Adapter: Sendable {
    /// The name in `bridge.yaml`: `gplug`.
    var name: String { get }
    /// The topic filters this vendor usually publishes on, for a source that has no `subscribe`.
    var defaultFilters: [String] { get }
    /// The device within its source: by default what the wildcards of the filter matched, joined by `/`, empty without
    /// wildcards. Messages of one device share a decoder, a zone and an identity.
    func device(of topic: String, captures: [Substring]) -> String
    /// True when only some messages of a device carry the meter's id, so that the first ones are worth a short wait.
    var sendsIDSeparately: Bool { get }
    /// True for readers that send what they last heard of every register, however old: one message may show several instants.
    var repeatsOldValues: Bool { get }
    /// Who knows in which unit a number is.
    var units: UnitOrigin { get }
    /// True for formats whose labels say neither register nor unit, so that somebody has to know the reader's script.
    var needsLabels: Bool { get }
    /// True when one reader may be several devices, because it has several connections: several devices with one id are no
    /// mistake then.
    var splitsReaders: Bool { get }
    /// The device whose message this certainly is, wherever it is published; nil for a message that may be anybody's.
    ///
    /// Asked about topics that no filter of `defaultFilters` matches, by `discover`.
    func device(recognisedIn message: RawMessage) -> String?
    /// The reader's name in the network, where its topics have it; nil for topics that say nothing of the kind.
    func host(in topic: String) -> String?
    /// A decoder for one device. What must be remembered between its messages (fragments of a telegram, the label
    /// dictionary that was guessed) is inside that value and nowhere else.
    func makeDecoder() -> any TelegramDecoder
}

extension Adapter {
    /// Every message carries the id, or none does.
    public var sendsIDSeparately: Bool { false }
    /// Every message shows one instant.
    public var repeatsOldValues: Bool { false }
    /// The format fixes them.
    public var units: UnitOrigin { .format }
    /// Every register has a name of its own.
    public var needsLabels: Bool { false }
    /// One reader is one device.
    public var splitsReaders: Bool { false }
    /// A vendor whose users choose the topic is known by its fields: an id and at least three registers in one JSON object.
    public func device(recognisedIn message: RawMessage) -> String? {
        guard defaultFilters.isEmpty, message.payload.first == UInt8(ascii: "{") else { return nil }
        var decoder = makeDecoder()
        guard case .telegrams(let telegrams, _, _) = decoder.decode(message, context: DecodingContext()) else {
            return nil
        }
        return telegrams.contains { $0.id != nil && $0.observations.count >= 3 } ? message.topic : nil
    }
    /// Topics have no names of computers.
    public func host(in topic: String) -> String? { nil }
    /// What the wildcards matched.
    public func device(of topic: String, captures: [Substring]) -> String { captures.joined(separator: "/") }
}

/// Who knows in which unit a number of a message is.
public enum UnitOrigin: Sendable {
    /// Each message says it.
    case message
    /// The reader's format fixes it.
    case format
    /// Only a script or a mapping that somebody wrote: the messages do not show when it changes.
    case script
}

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

/// A message as it arrived, from MQTT, a file, or elsewhere.
public struct RawMessage: Sendable, Equatable {
    /// MQTT topic.
    public var topic: String
    /// The bytes of the payload.
    public var payload: [UInt8]
    /// True when the broker delivered it from its store of retained messages: of unknown age.
    public var isRetained: Bool
    /// True when the broker says that it may have delivered it before (DUP). libmosquitto does not pass the flag on, so the
    /// bridge never sets it: a decoder has to know by itself what came before.
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
