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
    /// True for readers that send the last value of every register that they heard, however old: one message may show
    /// several instants.
    var repeatsOldValues: Bool { get }
    /// What determines the unit of a number.
    var units: UnitOrigin { get }
    /// True for formats whose labels name neither register nor unit, so that a person has to know the reader's script.
    var needsLabels: Bool { get }
    /// True when one reader may be several devices, because it has several connections: several devices with one id are
    /// then not a mistake.
    var splitsReaders: Bool { get }
    /// The device that certainly sent this message, whatever its topic; nil for a message that any reader may have
    /// sent.
    ///
    /// `discover` calls it for topics that no filter of `defaultFilters` matches.
    func device(recognisedIn message: RawMessage) -> String?
    /// The reader's name in the network, when its topics contain it; nil for topics that contain none.
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
    /// A vendor whose users choose the topic is recognised by its fields: an id and at least three registers in one
    /// JSON object.
    public func device(recognisedIn message: RawMessage) -> String? {
        guard defaultFilters.isEmpty, message.payload.first == UInt8(ascii: "{") else { return nil }
        var decoder = makeDecoder()
        guard case .telegrams(let telegrams, _, _) = decoder.decode(message, context: DecodingContext()) else {
            return nil
        }
        return telegrams.contains { $0.id != nil && $0.observations.count >= 3 } ? message.topic : nil
    }
    /// Topics contain no names of computers.
    public func host(in topic: String) -> String? { nil }
    /// What the wildcards matched.
    public func device(of topic: String, captures: [Substring]) -> String { captures.joined(separator: "/") }
}

/// What determines the unit of a number in a message.
public enum UnitOrigin: Sendable {
    /// Each message contains it.
    case message
    /// The reader's format fixes it.
    case format
    /// Only a script or a mapping that a user wrote: the messages do not show when it changes.
    case script
}
