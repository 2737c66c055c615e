// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// How many meters there are to ask `retained(ofMeter:)` about; the number only grows.
    public var meterCount: Int { meters.count }

    /// The ids of the meters that something is retained of.
    public var knownMeters: [String] {
        // In place: a copy of each meter would cost more than the question.
        meters.indices.compactMap { index in
            meters[index].newest != nil || !meters[index].devices.isEmpty || !meters[index].held.isEmpty
                ? meters[index].id : nil
        }
    }

    /// What the broker keeps of one meter, as it stands now: for a broker that has forgotten it.
    public func retained(ofMeter index: Int) -> [Publication] {
        guard meters.indices.contains(index) else { return [] }
        let meter = meters[index]
        // Without a device it is another bridge's, or one that this bridge does not read any more.
        guard !meter.devices.isEmpty, meter.newest != nil else { return [] }
        let topics = profile.topics
        var publications: [Publication] = []
        if isKept(topics.availability), let isOnline = meter.isOnline {
            publications.append(
                Publication(
                    topic: meter.topics.availability, payload: Array((isOnline ? "online" : "offline").utf8),
                    qos: topics.availability.qos, isRetained: true))
        }
        if isKept(topics.state), let payload = StateEncoder(schema: profile.schema).payload(meter) {
            publications.append(
                Publication(topic: meter.topics.state, payload: payload, qos: topics.state.qos, isRetained: true))
        }
        publications += meter.registers.flatMap { $0.retained(topics, on: meter.topics) }
        if isKept(topics.info) {
            publications.append(
                Publication(
                    topic: meter.topics.info, payload: InfoEncoder(profile: profile).payload(meter),
                    qos: topics.info.qos, isRetained: true))
        }
        return publications + outputs.retained(of: meter)
    }

    /// Everything that the broker keeps, by topic. The availability of a restored meter is not known, but it is there.
    func retainedByTopic() -> [String: Publication] {
        var byTopic: [String: Publication] = [:]
        for index in meters.indices {
            for publication in retained(ofMeter: index) { byTopic[publication.topic] = publication }
            let meter = meters[index]
            let rule = profile.topics.availability
            guard isKept(rule), meter.isOnline == nil, meter.newest != nil, !meter.devices.isEmpty else { continue }
            byTopic[meter.topics.availability] = Publication(
                topic: meter.topics.availability, payload: [], qos: rule.qos, isRetained: true)
        }
        // Of these the time will bring another: what matters is that the old topic goes when the bridge is renamed.
        let health = profile.topics.health
        if isKept(health) {
            let topic = health.topic(["bridge": settings.bridge])
            byTopic[topic] = Publication(topic: topic, payload: [], qos: health.qos, isRetained: true)
        }
        return byTopic
    }

    private func isKept(_ rule: TopicRule) -> Bool { rule.isEnabled && rule.retain != .never }
}
