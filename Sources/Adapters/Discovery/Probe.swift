// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// A message that is tried on every adapter, parsed once.
struct HeardMessage {
    let message: RawMessage
    /// Its JSON; nil for a payload that is none.
    let root: JSONValue?

    /// True for a bare number.
    var isNumber: Bool { ExactDecimal(String(decoding: message.payload.prefix(40), as: UTF8.self)) != nil }

    init(_ message: RawMessage) {
        self.message = message
        root = JSONShape.isStructured(message.payload) ? try? JSONDocument.parse(message.payload).root : nil
    }
}

/// One way to read a message: an adapter as a source would configure it.
struct Probe: Sendable {
    let adapter: any Adapter
    /// The mapping that says by what its reader is recognised; nil for adapters that only their topics or first bytes tell.
    let mapping: FieldMapping?

    init(adapter: any Adapter) {
        self.adapter = adapter
        let mapping = (adapter as? MappedAdapter)?.mapping
        self.mapping = mapping?.recognition == nil ? nil : mapping
    }

    /// All that come with the program. Of several that understand a reader equally well the first is proposed.
    static let all: [Probe] = AdapterRegistry.all.map { Probe(adapter: $0.make(AdapterOptions())) }

    /// The reader that a message belongs to; nil when the message is certainly not of this format.
    func place(of heard: HeardMessage) -> ReaderPlace? {
        let message = heard.message
        if let mapping { return place(of: heard, by: mapping) }
        if let place = ReaderPlace(topic: message.topic, adapter: adapter) { return place }
        switch adapter.name {
        // A telegram is known by its first bytes, wherever it is published.
        case "p1": return isTelegram(message.payload) ? ReaderPlace(topic: message.topic) : nil
        // A frame is known by its checks, wherever it is published.
        case "frames": return isFrame(message.payload) ? ReaderPlace(topic: message.topic) : nil
        // `FullTopic` is free, its last level is not.
        case "gplug", "tasmota":
            guard TasmotaTopic.isSensors(message.topic) else { return nil }
            return ReaderPlace(topic: message.topic, device: TasmotaTopic.device(message.topic))
        default: return isUnmistakable(message) ? ReaderPlace(topic: message.topic) : nil
        }
    }

    /// What a mapping's topics and fields say: a topic of one of its names, or JSON with members by which it is recognised.
    private func place(of heard: HeardMessage, by mapping: FieldMapping) -> ReaderPlace? {
        let topic = heard.message.topic
        let match = mapping.place(of: topic)
        // What a reader says of itself, online or not, tells nothing about its fields.
        let isPresence = mapping.availabilityTopics.contains { topic.hasSuffix("/" + $0) }
        let keys = isPresence ? [] : mapping.recognition?.heard(name: match?.name, root: heard.root) ?? []
        let isJSONTopic = match?.name == nil || match?.isKnown == false
        if let match, match.isKnown || match.name == nil && (match.isOwn || !keys.isEmpty) {
            return ReaderPlace(match, topic: topic, keys: keys, ask: mapping.ask)
        }
        guard isJSONTopic, !keys.isEmpty, heard.root != nil, !mapping.isClosed else { return nil }
        var place = ReaderPlace(topic: topic)
        place.keys = keys
        return place
    }

    /// True for the beginning of a telegram, plain, in hexadecimal or encrypted, and for a piece from Tasmota's serial bridge.
    private func isTelegram(_ payload: [UInt8]) -> Bool {
        if payload.first == UInt8(ascii: "{") {
            return payload.prefix(40).contains(UInt8(ascii: "S"))
                && String(decoding: payload.prefix(40), as: UTF8.self).contains("\"SerialReceived\"")
        }
        switch P1Wrapper.unwrap(payload) {
        case .bare: return payload.first == P1Framing.slash
        case .inner, .ciphered: return true
        case .failure: return false
        }
    }

    /// True for a payload with a whole frame; others are not tried when their first byte begins none.
    private func isFrame(_ payload: [UInt8]) -> Bool {
        guard let first = payload.first, payload.count >= 16 else { return false }
        if first == UInt8(ascii: "{") {
            let beginning = String(decoding: payload.prefix(40), as: UTF8.self)
            guard beginning.contains("SerialReceived\"") else { return false }
        } else if first > 0x20, first < 0x7E, first != 0x68 {
            // Hexadecimal and base64 texts are one word without blanks.
            guard payload.allSatisfy({ $0 > 0x20 || $0 == 0x0A || $0 == 0x0D }) else { return false }
        }
        return FramesDecoder.recognises(payload)
    }

    /// A vendor whose users choose the topic is known by its fields: an id and at least three registers in one object.
    private func isUnmistakable(_ message: RawMessage) -> Bool {
        guard adapter.defaultFilters.isEmpty, message.payload.first == UInt8(ascii: "{") else { return false }
        var decoder = adapter.makeDecoder()
        guard case .telegrams(let telegrams, _) = decoder.decode(message, context: DecodingContext()) else {
            return false
        }
        return telegrams.contains { $0.id != nil && $0.observations.count >= 3 }
    }

    /// True for the formats whose labels say neither register nor unit, so that somebody has to know the script.
    var needsLabels: Bool { adapter.name == "gplug" || adapter.name == "tasmota" }
}
