// SPDX-License-Identifier: Apache-2.0

/// The topics of one meter, prepared once.
struct MeterTopics: Sendable {
    let reading: String
    let state: String
    let info: String
    let availability: String
    /// Of one register, by its code.
    let obis: TopicStem
    /// Of one register, by its alias.
    let value: TopicStem

    init(meter: String, topics: Topics) {
        // Where topics have a tenant, every source has one: the configuration is checked for that.
        let tenant = Tenant.name(in: meter) ?? "-"
        obis = TopicStem(topics.obis.topic(["meter": meter, "tenant": tenant]), placeholder: "{obis}")
        value = TopicStem(topics.value.topic(["meter": meter, "tenant": tenant]), placeholder: "{alias}")
        reading = topics.reading.topic(["meter": meter, "tenant": tenant])
        state = topics.state.topic(["meter": meter, "tenant": tenant])
        info = topics.info.topic(["meter": meter, "tenant": tenant])
        availability = topics.availability.topic(["meter": meter, "tenant": tenant])
    }
}

/// A topic of which everything but one word is known, so that a meter's registers need no topic each.
struct TopicStem: Sendable {
    /// What stands around the words, in UTF-8.
    private let parts: [[UInt8]]
    private let size: Int

    init(_ topic: String, placeholder: String) {
        parts = topic.split(separator: placeholder, omittingEmptySubsequences: false).map { Array($0.utf8) }
        size = parts.reduce(0) { $0 + $1.count }
    }

    /// The topic of a word.
    func topic(_ word: String) -> String {
        var word = word
        return word.withUTF8 { word in topic(upTo: word.count) { $0.put(word) } }
    }

    /// The topic of a code, without a text of the code.
    func topic(_ obis: OBISCode) -> String { topic(upTo: OBISCode.longest, obis.append) }

    private func topic(upTo count: Int, _ word: (inout ByteCursor) -> Void) -> String {
        let room = size + count * max(0, parts.count - 1)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: room) { buffer in
            guard let base = buffer.baseAddress else { return "" }
            var cursor = ByteCursor(at: base, room: room)
            for index in parts.indices {
                if index > 0 { word(&cursor) }
                parts[index].withUnsafeBufferPointer { cursor.put($0) }
            }
            return String(decoding: UnsafeBufferPointer(start: base, count: cursor.at - base), as: UTF8.self)
        }
    }
}
