// SPDX-License-Identifier: Apache-2.0

/// The harmonised profile of a meter: `reading`, `state`, `info`, `availability`, and one bare value per topic, by code
/// and by alias.
///
/// It follows the rules of every output: what is retained is published when it changed and after a while, and cleared
/// when it ends. For the other outputs `OutputStage` remembers by topic what the broker keeps. Here the registers
/// remember it themselves, in two bits and a time each: see docs/architecture.md for the cost of remembering it by
/// topic. A class, like the setup: it never changes.
final class HarmonizedOutput: Sendable {
    private let profile: Profile
    private let topics: Topics

    init(_ profile: Profile) {
        self.profile = profile
        topics = profile.topics
    }

    // MARK: - A reading

    /// `reading`; nil when the profile has switched it off.
    func reading(_ reading: Reading, of meter: MeterState) -> Publication? {
        guard topics.reading.isEnabled else { return nil }
        let encoder = ReadingEncoder(schema: profile.schema, keepsRaw: profile.keepsRaw)
        return Publication(
            topic: meter.topics.reading, payload: encoder.payload(reading), qos: topics.reading.qos,
            isRetained: topics.reading.retain == .always)
    }

    /// `state` after a reading, unless it was published less than `every` ago.
    func state(of meter: inout MeterState, at now: Timestamp) -> Publication? {
        let every = topics.state.every
        if every > .zero {
            if let last = meter.statePublished, (.zero..<every).contains(now - last) { return nil }
            meter.statePublished = now
        }
        return state(of: meter)
    }

    /// Publishes the bare values of a reading's registers: momentary ones each time, others when they changed and now
    /// and then.
    func publishValues(of reading: Reading, meter: inout MeterState, into publications: inout [Publication]) {
        let (byCode, byAlias) = (topics.obis.isEnabled, topics.value.isEnabled)
        guard byCode || byAlias else { return }
        let now = PackedTime(reading.received)
        if byAlias { meter.makeRoomForAliases(at: now) }
        var place = 0
        let values = reading.registers.span
        for index in values.indices {
            guard let position = meter.position(of: values[index].obis, near: place) else { continue }
            place = position + 1
            if byCode { publish(&meter.registers[position], on: meter.topics, at: now, into: &publications) }
            if byAlias {
                publishByAlias(
                    &meter.registers[position], on: meter.topics, at: now, last: &meter.publishedByAlias[position],
                    into: &publications)
            }
        }
    }

    private func publish(
        _ register: inout RegisterState, on meter: MeterTopics, at now: PackedTime,
        into publications: inout [Publication]
    ) {
        let (isRetained, last) = (topics.obis.keeps(register.value.obis), register.published)
        guard isDue(topics.obis, isRetained: isRetained, last: last, at: now),
            let payload = payload(of: register, isRetained: isRetained, last: last)
        else { return }
        publications.append(
            Publication(
                topic: meter.topic(register.value.obis), payload: payload, qos: topics.obis.qos,
                isRetained: isRetained))
        register.notePublished(now)
    }

    /// - Parameter time: when it was last published there; meaningless before the first time.
    private func publishByAlias(
        _ register: inout RegisterState, on meter: MeterTopics, at now: PackedTime, last time: inout PackedTime,
        into publications: inout [Publication]
    ) {
        guard let alias = register.alias else { return }
        let (isRetained, last) = (topics.value.keeps(register.value.obis), register.publishedByAlias(at: time))
        guard isDue(topics.value, isRetained: isRetained, last: last, at: now),
            let payload = payload(of: register, isRetained: isRetained, last: last)
        else { return }
        publications.append(
            Publication(
                topic: meter.topic(alias: alias), payload: payload, qos: topics.value.qos, isRetained: isRetained))
        time = now
        register.notePublishedByAlias()
    }

    @inline(__always)
    private func isDue(
        _ rule: TopicRule, isRetained: Bool, last: RegisterState.Published?, at now: PackedTime
    ) -> Bool {
        if rule.every > .zero, let last, now >= last.at, now - last.at < rule.every { return false }
        guard let last, last.isCurrent, isRetained else { return true }
        return now - last.at >= rule.repeatEvery
    }

    /// The bare value to publish; nil when there is none. An empty text is published only to clear a text that the
    /// broker keeps, when the meter takes it back.
    private func payload(
        of register: RegisterState, isRetained: Bool, last: RegisterState.Published?
    ) -> [UInt8]? {
        guard let payload = register.value.bareValue else { return nil }
        guard payload.isEmpty else { return payload }
        return isRetained && last?.isCurrent == false ? payload : nil
    }

    // MARK: - A meter

    /// `state` as it is now; nil when the profile has switched it off, or before the first reading.
    func state(of meter: MeterState) -> Publication? {
        guard topics.state.isEnabled, let payload = StateEncoder(schema: profile.schema).payload(meter) else {
            return nil
        }
        return kept(topics.state, meter.topics.state, payload)
    }

    /// `info`, when something in it changed.
    func info(of meter: inout MeterState) -> Publication? {
        meter.showInterval()
        guard topics.info.isEnabled, meter.isInfoStale else { return nil }
        meter.isInfoStale = false
        return info(of: meter)
    }

    private func info(of meter: MeterState) -> Publication {
        kept(topics.info, meter.topics.info, InfoEncoder(profile: profile).payload(meter))
    }

    /// `availability` as it is now; nil while it is unknown.
    func availability(of meter: MeterState) -> Publication? {
        guard topics.availability.isEnabled, let isOnline = meter.isOnline else { return nil }
        return kept(topics.availability, meter.topics.availability, Array((isOnline ? "online" : "offline").utf8))
    }

    private func kept(_ rule: TopicRule, _ topic: String, _ payload: [UInt8]) -> Publication {
        Publication(topic: topic, payload: payload, qos: rule.qos, isRetained: rule.retain != .never)
    }

    // MARK: - What the broker keeps

    /// The messages that the broker keeps of a meter, as they are now.
    func retained(of meter: MeterState) -> [Publication] {
        var publications: [Publication] = []
        if topics.availability.isKept { publications.add(availability(of: meter)) }
        if topics.state.isKept { publications.add(state(of: meter)) }
        for register in meter.registers { publications += retained(of: register, on: meter.topics) }
        if topics.info.isKept { publications.append(info(of: meter)) }
        return publications
    }

    /// The bare values that the broker keeps, as they were published last.
    private func retained(of register: RegisterState, on meter: MeterTopics) -> [Publication] {
        guard let payload = register.value.bareValue, !payload.isEmpty else { return [] }
        var publications: [Publication] = []
        if topics.obis.keeps(register.value.obis), register.isPublished {
            publications.append(kept(topics.obis, meter.topic(register.value.obis), payload))
        }
        if let alias = register.alias, topics.value.keeps(register.value.obis), register.isPublishedByAlias {
            publications.append(kept(topics.value, meter.topic(alias: alias), payload))
        }
        return publications
    }

    /// Messages that clear everything that the broker keeps of a meter.
    func clear(_ meter: MeterState) -> [Publication] {
        let kept = [
            (topics.info, meter.topics.info), (topics.state, meter.topics.state),
            (topics.availability, meter.topics.availability),
        ]
        return kept.filter(\.0.isKept).map { self.kept($0.0, $0.1, []) } + clear(meter.registers, on: meter.topics)
    }

    /// Messages that clear values of a meter, because its name changed, or its registers are gone.
    func clear(_ registers: [RegisterState], on meter: MeterTopics) -> [Publication] {
        registers.flatMap { register in
            let isKept = topics.obis.keeps(register.value.obis) && register.isPublished
            return (isKept ? [kept(topics.obis, meter.topic(register.value.obis), [])] : [])
                + clearAliases([register], on: meter)
        }
    }

    /// Messages that clear only what is published under aliases, because registers get other ones.
    func clearAliases(_ registers: [RegisterState], on meter: MeterTopics) -> [Publication] {
        registers.compactMap { register in
            guard let alias = register.alias, topics.value.keeps(register.value.obis),
                register.isPublishedByAlias || register.isRestored
            else { return nil }
            return kept(topics.value, meter.topic(alias: alias), [])
        }
    }
}
