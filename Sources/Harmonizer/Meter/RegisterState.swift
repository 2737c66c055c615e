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
    /// What was published of it under its code; nil before the first time.
    var published: Published?
    /// The same under its alias.
    var publishedByAlias: Published?

    /// A bare value that was published.
    struct Published: Sendable {
        /// When it was last published.
        var at: Timestamp
        /// True while the register has the value that was published last.
        var isCurrent = true
    }

    /// Takes in a newer value.
    mutating func update(_ new: RegisterValue, time: Timestamp, received: Timestamp, isLive: Bool) {
        note(isSame: new.isSame(as: value), isDerived: new.isDerived, time: time, received: received, isLive: isLive)
        value.show(new)
    }

    /// The same of a plain number, without a copy of it; false where this register is none.
    mutating func update(_ new: RegisterValue.Plain, time: Timestamp, received: Timestamp, isLive: Bool) -> Bool {
        guard value.isPlain else { return false }
        note(
            isSame: new.number == value.plain.number, isDerived: new.isDerived, time: time, received: received,
            isLive: isLive)
        value.show(new)
        return true
    }

    private mutating func note(isSame: Bool, isDerived: Bool, time: Timestamp, received: Timestamp, isLive: Bool) {
        if isLive, !isPaused { interval = Interval.learned(interval, received.milliseconds(since: self.received)) }
        isPaused = !isLive
        isStale = false
        isRestored = false
        stillness = Stillness.after(stillness, isSame: isSame, at: received, isLive: isLive)
        if !isSame {
            published?.isCurrent = false
            publishedByAlias?.isCurrent = false
        }
        self.time = time
        self.received = received
        if !isDerived { isSentByMeter = true }
    }
}

extension RegisterState {
    /// Publishes the bare value: momentary ones each time, others when they changed and now and then.
    mutating func publish(
        _ rules: Topics, on topics: MeterTopics, at now: Timestamp, into publications: inout [Publication]
    ) {
        if isDue(rules.obis, last: published, at: now), let payload = payload(last: published, rules.obis) {
            publications.append(
                Publication(
                    topic: topics.obis.topic(value.obis), payload: payload, qos: rules.obis.qos,
                    isRetained: isRetained(rules.obis)))
            published = Published(at: now)
        }
        if let alias, isDue(rules.value, last: publishedByAlias, at: now),
            let payload = payload(last: publishedByAlias, rules.value)
        {
            publications.append(
                Publication(
                    topic: topics.value.topic(alias), payload: payload, qos: rules.value.qos,
                    isRetained: isRetained(rules.value)))
            publishedByAlias = Published(at: now)
        }
    }

    /// The bare values that the broker keeps, as they were published last.
    func retained(_ rules: Topics, on topics: MeterTopics) -> [Publication] {
        guard let payload = value.bareValue, !payload.isEmpty else { return [] }
        var publications: [Publication] = []
        if isRetained(rules.obis), published != nil {
            publications.append(
                Publication(
                    topic: topics.obis.topic(value.obis), payload: payload, qos: rules.obis.qos,
                    isRetained: true))
        }
        if let alias, isRetained(rules.value), publishedByAlias != nil {
            publications.append(
                Publication(
                    topic: topics.value.topic(alias), payload: payload, qos: rules.value.qos, isRetained: true))
        }
        return publications
    }

    /// What clears the values that the broker keeps, when the meter gets another name or is forgotten.
    func clearing(_ rules: Topics, on topics: MeterTopics) -> [Publication] {
        var publications: [Publication] = []
        if isRetained(rules.obis), published != nil {
            publications.append(
                Publication(
                    topic: topics.obis.topic(value.obis), payload: [], qos: rules.obis.qos,
                    isRetained: true))
        }
        return publications + clearingAlias(rules, on: topics)
    }

    /// The same of what stands under its alias alone, when it gets another one.
    func clearingAlias(_ rules: Topics, on topics: MeterTopics) -> [Publication] {
        guard let alias, isRetained(rules.value), publishedByAlias != nil || isRestored else { return [] }
        return [Publication(topic: topics.value.topic(alias), payload: [], qos: rules.value.qos, isRetained: true)]
    }

    /// True when the broker keeps this register's value.
    func isRetained(_ rule: TopicRule) -> Bool {
        rule.isEnabled && (rule.retain == .always || (rule.retain == .counters && !value.obis.isInstantaneous))
    }

    private func isDue(_ rule: TopicRule, last: Published?, at now: Timestamp) -> Bool {
        guard rule.isEnabled else { return false }
        if rule.every > 0, let last, now.milliseconds(since: last.at) < rule.every, now >= last.at { return false }
        guard let last, last.isCurrent, isRetained(rule) else { return true }
        return now.milliseconds(since: last.at) >= rule.repeatEvery
    }

    /// The bare value; nil where there is none. An empty text is never published, but one that the broker keeps has to go when
    /// the meter takes it back.
    private func payload(last: Published?, _ rule: TopicRule) -> [UInt8]? {
        guard let payload = value.bareValue else { return nil }
        guard payload.isEmpty else { return payload }
        return isRetained(rule) && last?.isCurrent == false ? payload : nil
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
        case .number(let number): return number.ascii
        case .text(let text): return Array(Printable.escaped(text).utf8)
        case .list: return nil
        }
    }
}
