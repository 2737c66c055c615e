// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// A message to try on every adapter, parsed once.
struct HeardMessage {
    let message: RawMessage
    /// The parsed JSON; nil when the payload is not JSON.
    let root: JSONValue?

    /// True for a bare number.
    var isNumber: Bool { ExactDecimal(String(decoding: message.payload.prefix(40), as: UTF8.self)) != nil }

    init(_ message: RawMessage) {
        self.message = message
        root = JSONShape.isStructured(message.payload) ? try? JSONDocument.parse(message.payload).root : nil
    }
}

/// One way to read a message: an adapter with the options of a source.
struct Probe: Sendable {
    let adapter: any Adapter
    /// The mapping with the features by which its reader is recognised; nil for adapters that recognise only topics or
    /// first bytes.
    let mapping: FieldMapping?

    init(adapter: any Adapter) {
        self.adapter = adapter
        let mapping = (adapter as? MappedAdapter)?.mapping
        self.mapping = mapping?.recognition == nil ? nil : mapping
    }

    /// All shipped probes. When several understand a reader equally well, the first is proposed.
    static let all: [Probe] = AdapterRegistry.all.map { Probe(adapter: $0.make(AdapterOptions())) }

    /// The reader of a message; nil when the message certainly does not have this format.
    func place(of heard: HeardMessage) -> ReaderPlace? {
        let message = heard.message
        if let mapping { return place(of: heard, by: mapping) }
        if let place = ReaderPlace(topic: message.topic, adapter: adapter) { return place }
        return adapter.device(recognisedIn: message).map { ReaderPlace(topic: message.topic, device: $0) }
    }

    /// The reader by a mapping's topics and fields: a topic with one of its names, or JSON with members that identify
    /// the reader.
    private func place(of heard: HeardMessage, by mapping: FieldMapping) -> ReaderPlace? {
        let topic = heard.message.topic
        let match = mapping.place(of: topic)
        // A presence message, online or not, shows nothing about the reader's fields.
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
}
