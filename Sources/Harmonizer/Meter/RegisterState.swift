// SPDX-License-Identifier: Apache-2.0

/// The newest value of one register of one meter, and what was published of it.
struct RegisterState: Sendable {
    var value: RegisterValue
    /// When its value was true.
    var time: Timestamp
    /// When it arrived.
    var received: Timestamp
    /// The usual time between two values in milliseconds; nil until the second.
    var interval: Int64?
    /// True when its value was restored, or had waited on its way: the time since then says nothing about its interval.
    var isPaused = false
    /// True until a message of this run brought it.
    var isRestored = false
    /// True when it was not refreshed for three of its intervals.
    var isStale = false
    /// How long its value is the same.
    var stillness: Stillness?
    /// True once the meter itself sent it: then it is never derived again.
    var isSentByMeter: Bool
    /// Its alias with the medium filled in; nil for none.
    var alias: String?
    /// Its topics, prepared once.
    var obisTopic: String
    var valueTopic: String?
    /// The value that was published last under its code, and when.
    var published: Published?
    /// The same under its alias.
    var publishedByAlias: Published?

    typealias Published = (value: RegisterValue.Value, at: Timestamp)

    /// Takes in a newer value.
    mutating func update(_ new: RegisterValue, time: Timestamp, received: Timestamp, isLive: Bool) {
        if isLive, !isPaused { interval = Interval.learned(interval, received.milliseconds(since: self.received)) }
        isPaused = !isLive
        isStale = false
        isRestored = false
        stillness = Stillness.after(stillness, isSame: new.value == value.value, at: received, isLive: isLive)
        value = new
        self.time = time
        self.received = received
        if !new.isDerived { isSentByMeter = true }
    }
}

extension RegisterState {
    /// The bare value: momentary ones each time, others when they changed and now and then.
    mutating func publications(_ topics: Topics, at now: Timestamp) -> [Publication] {
        var publications: [Publication] = []
        if let publication = publication(topics.obis, obisTopic, last: published, at: now) {
            publications.append(publication)
            published = (value.value, now)
        }
        if let valueTopic, let publication = publication(topics.value, valueTopic, last: publishedByAlias, at: now) {
            publications.append(publication)
            publishedByAlias = (value.value, now)
        }
        return publications
    }

    /// The bare values that the broker keeps, as they were published last.
    func retained(_ topics: Topics) -> [Publication] {
        guard let payload = value.bareValue, !payload.isEmpty else { return [] }
        var publications: [Publication] = []
        if isRetained(topics.obis), published != nil {
            publications.append(
                Publication(topic: obisTopic, payload: payload, qos: topics.obis.qos, isRetained: true))
        }
        if let valueTopic, isRetained(topics.value), publishedByAlias != nil {
            publications.append(
                Publication(topic: valueTopic, payload: payload, qos: topics.value.qos, isRetained: true))
        }
        return publications
    }

    /// What clears the values that the broker keeps, when the meter gets another name or is forgotten.
    func clearing(_ topics: Topics) -> [Publication] {
        var publications: [Publication] = []
        if isRetained(topics.obis), published != nil {
            publications.append(Publication(topic: obisTopic, payload: [], qos: topics.obis.qos, isRetained: true))
        }
        if let valueTopic, isRetained(topics.value), publishedByAlias != nil || isRestored {
            publications.append(Publication(topic: valueTopic, payload: [], qos: topics.value.qos, isRetained: true))
        }
        return publications
    }

    /// True when the broker keeps this register's value.
    func isRetained(_ rule: TopicRule) -> Bool {
        rule.isEnabled && (rule.retain == .always || (rule.retain == .counters && !value.obis.isInstantaneous))
    }

    private func publication(
        _ rule: TopicRule, _ topic: String, last: Published?, at now: Timestamp
    ) -> Publication? {
        guard rule.isEnabled, let payload = value.bareValue else { return nil }
        let isRetained = isRetained(rule)
        if isRetained, let last, last.value == value.value, now.milliseconds(since: last.at) < rule.repeatEvery {
            return nil
        }
        // An empty text is never published, but one that the broker keeps has to go when the meter takes it back.
        if payload.isEmpty, !isRetained || last == nil || last?.value == value.value { return nil }
        return Publication(topic: topic, payload: payload, qos: rule.qos, isRetained: isRetained)
    }

    /// True while its value is not older than a few of its intervals, or a minute: nobody may act on an older one.
    func isFresh(at now: Timestamp) -> Bool {
        now.milliseconds(since: received) <= max(60_000, 3 * (interval ?? 0))
    }
}

extension RegisterValue {
    /// A number or a text; nil for a list, which has no topic of its own.
    var bareValue: [UInt8]? {
        switch value {
        case .number(let number):
            var bytes: [UInt8] = []
            number.append(to: &bytes)
            return bytes
        case .text(let text): return Array(Printable.escaped(text).utf8)
        case .list: return nil
        }
    }
}
