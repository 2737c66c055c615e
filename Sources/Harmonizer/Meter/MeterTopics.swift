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
    private let parts: [String]

    init(_ topic: String, placeholder: String) {
        parts = topic.split(separator: placeholder, omittingEmptySubsequences: false).map(String.init)
    }

    func topic(_ word: String) -> String {
        guard var topic = parts.first else { return word }
        for part in parts.dropFirst() {
            topic += word
            topic += part
        }
        return topic
    }
}
