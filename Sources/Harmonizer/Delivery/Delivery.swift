// SPDX-License-Identifier: Apache-2.0

/// Publishes what is known of meters, and knows when to publish a meter again: when it falls silent, and when a
/// consumer has just started.
struct Delivery: Sendable {
    private(set) var outputs: OutputStage
    /// The times at which meters' momentary values are due for a consumer that has just heard of the meter, by index.
    private var freshValuesDue: [Int: Timestamp] = [:]
    private var absence = SilenceDeadline()
    /// Since when silence is counted: the first call of `advance`.
    private var listeningSince: Timestamp?

    /// How long the bridge waits until a restarted consumer has subscribed to what it was told about.
    static let birthPause = TimeSpan.seconds(3)

    init(_ outputs: Outputs) { self.outputs = OutputStage(outputs) }

    /// Takes over other outputs.
    mutating func adopt(_ new: Outputs) { outputs = OutputStage(new, published: outputs.published) }

    // MARK: - A reading

    /// Everything that is published because of a reading, in the order in which a subscriber should see it.
    ///
    /// - Parameter index: the meter's.
    mutating func deliver(
        _ reading: Reading, of meter: inout MeterState, index: Int, sender: Sender, _ setup: PipelineSetup,
        _ journal: inout Journal
    ) -> [Publication] {
        var publications: [Publication] = []
        // A retained message does not show that the meter is alive.
        if !reading.origin.isRetained {
            meter.hear(sender, at: reading.received, isLive: !reading.isDelayed)
            expect(meter, since: reading.received)
            publications = setAvailability(
                true, of: &meter, index: index, at: reading.received, setup, &journal)
        }
        publications.reserveCapacity(publications.count + 3 + reading.registers.count)
        publications.add(setup.harmonized.reading(reading, of: meter))
        // Of two sources for one meter, the first is believed; the other stands in while the first is silent.
        guard reading.order != .old, meter.isPrimary(sender, at: reading.received) else {
            publications.add(setup.harmonized.info(of: &meter))
            return publications
        }
        meter.keepPace(reading, sender)
        journal.noteMerged(reading)
        merge(reading, into: &meter, index: index, setup, &journal, &publications)
        return publications
    }

    /// Moves the alias of a medium to another device, and reports it.
    private func preferLiveDevices(
        of meter: inout MeterState, _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [Publication] {
        let former = meter.preferLiveDevices(setup.profile)
        guard !former.isEmpty else { return [] }
        for register in former {
            let obis = register.value.obis
            guard let alias = meter.register(obis)?.alias, !alias.hasSuffix("_\(obis.b)") else { continue }
            journal.say(.deviceCounts(meter: meter.id, alias: alias, obis))
        }
        return setup.harmonized.clearAliases(former, on: meter.topics)
    }

    /// Merges a reading into the state of its meter, and publishes it.
    mutating func merge(
        _ reading: Reading, into meter: inout MeterState, index: Int, _ setup: PipelineSetup,
        _ journal: inout Journal, _ publications: inout [Publication]
    ) {
        let isWhole = meter.take(reading, setup.profile)
        if meter.hasRivals { publications += preferLiveDevices(of: &meter, setup, &journal) }
        if !isWhole { _ = meter.age(at: reading.received) }
        // Before the values, so that the consumer already knows the new meter when its first value arrives.
        if meter.isDescriptionStale {
            meter.isDescriptionStale = false
            publications += describe(meter, index: index, at: reading.received)
        }
        publications.add(setup.harmonized.state(of: &meter, at: reading.received))
        setup.harmonized.publishValues(of: reading, meter: &meter, into: &publications)
        if !outputs.isEmpty { publications += outputs.publications(of: reading, meter: meter) }
        publications.add(setup.harmonized.info(of: &meter))
    }

    // MARK: - About a meter

    /// The description of a meter, where it is new. A consumer subscribes to a register when it gets the description,
    /// and by then has missed the value that came with it.
    private mutating func describe(_ meter: MeterState, index: Int, at now: Timestamp) -> [Publication] {
        let publications = outputs.description(of: meter, at: now)
        if !publications.isEmpty, !outputs.birthTopics.isEmpty {
            freshValuesDue[index] = now + Self.birthPause
        }
        return publications
    }

    /// Publishes the consequences of binding a device.
    mutating func react(
        to events: [MeterEvent], _ meters: inout [MeterState], _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [Publication] {
        var publications: [Publication] = []
        for event in events {
            switch event {
            case .ended(let meter): publications += clear(meter, setup)
            case .registersEnded(let registers, let topics):
                publications += setup.harmonized.clear(registers, on: topics)
            case .deserted(let index, let now):
                publications += setAvailability(false, of: &meters[index], index: index, at: now, setup, &journal)
                publications.add(setup.harmonized.info(of: &meters[index]))
            case .clockReread: break
            }
        }
        return publications
    }

    // MARK: - Presence

    /// Handles the last will of a reader.
    mutating func depart(
        _ meter: inout MeterState, index: Int, sender: Sender, at now: Timestamp, _ setup: PipelineSetup,
        _ journal: inout Journal
    ) -> [Publication] {
        meter.part(sender)
        // A meter is not offline with one of its readers, as long as another one sends.
        if let deadline = meter.deadline(listeningSince: listeningSince ?? now), deadline > now { return [] }
        return setAvailability(false, of: &meter, index: index, at: now, setup, &journal)
    }

    private mutating func expect(_ meter: MeterState, since now: Timestamp) {
        if let deadline = meter.deadline(listeningSince: listeningSince ?? now) { absence.expect(deadline) }
    }

    private mutating func setAvailability(
        _ isOnline: Bool, of meter: inout MeterState, index: Int, at now: Timestamp, _ setup: PipelineSetup,
        _ journal: inout Journal
    ) -> [Publication] {
        guard meter.isOnline != isOnline else { return [] }
        meter.isOnline = isOnline
        if !isOnline, meter.newest != nil { meter.silences += 1 }
        journal.noteAvailability(
            isOnline, of: meter.id, silences: meter.silences, last: meter.newest?.received, at: now)
        var publications = describe(meter, index: index, at: now)
        publications.add(setup.harmonized.availability(of: meter))
        return publications
    }

    // MARK: - Time

    /// The next time at which there is something to do without a message.
    var nextDeadline: Timestamp? {
        freshValuesDue.values.reduce(absence.next) { min($0 ?? $1, $1) }
    }

    /// Publishes each meter that was silent for too long as offline, with the registers that are stale now, and the
    /// momentary values for consumers that have just started.
    mutating func advance(
        to now: Timestamp, _ meters: inout [MeterState], _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [Publication] {
        if listeningSince == nil {
            listeningSince = now
            for meter in meters.indices { expect(meters[meter], since: now) }
        }
        var publications: [Publication] = []
        if absence.isDue(at: now), let start = listeningSince {
            for index in meters.indices where meters[index].isOnline != false {
                guard let deadline = meters[index].deadline(listeningSince: start) else { continue }
                guard deadline <= now else {
                    absence.expect(deadline)
                    continue
                }
                publications += setAvailability(false, of: &meters[index], index: index, at: now, setup, &journal)
                if meters[index].age(at: now) { publications.add(setup.harmonized.state(of: meters[index])) }
            }
        }
        for index in freshValuesDue.filter({ $0.value <= now }).keys.sorted() {
            freshValuesDue[index] = nil
            publications += outputs.freshValues(of: meters[index], at: now)
        }
        return publications
    }

    /// Handles a consumer's `online`: repeats descriptions and availability at once, and the momentary values after a
    /// pause. Nil for a message on another topic.
    mutating func consumerBirth(
        _ message: RawMessage, _ meters: [MeterState], _ setup: PipelineSetup
    ) -> [Publication]? {
        guard outputs.birthTopics.contains(message.topic) else { return nil }
        guard message.payload.elementsEqual("online".utf8) else { return [] }
        var publications = setup.settings.outputs.birth()
        for index in meters.indices where meters[index].newest != nil {
            publications += outputs.description(of: meters[index], at: message.received, isRepeated: true)
            publications.add(setup.harmonized.availability(of: meters[index]))
            freshValuesDue[index] = message.received + Self.birthPause
        }
        return publications
    }
}

// Retained messages.
extension Delivery {
    /// Takes over what an earlier run published of a meter, or the outputs before a reload.
    mutating func adopt(_ meter: MeterState) {
        if !outputs.isEmpty { outputs.adopt(meter) }
    }

    /// The current retained messages of one meter.
    func retained(of meter: MeterState, _ setup: PipelineSetup) -> [Publication] {
        // Without a device, the meter is another bridge's, or one that this bridge no longer reads.
        guard !meter.devices.isEmpty, meter.newest != nil else { return [] }
        return setup.harmonized.retained(of: meter) + outputs.retained(of: meter)
    }

    /// All retained messages, by topic. The availability of a restored meter is on the broker, but not known.
    func retainedByTopic(_ meters: [MeterState], _ setup: PipelineSetup) -> [String: Publication] {
        var byTopic: [String: Publication] = [:]
        for meter in meters {
            for publication in retained(of: meter, setup) { byTopic[publication.topic] = publication }
            let rule = setup.profile.topics.availability
            guard rule.isKept, meter.isOnline == nil, meter.newest != nil, !meter.devices.isEmpty else { continue }
            byTopic[meter.topics.availability] = Publication(
                topic: meter.topics.availability, payload: [], qos: rule.qos, isRetained: true)
        }
        // The next health message comes with time: it matters only that the old topic is cleared when the bridge is
        // renamed.
        let health = setup.profile.topics.health
        if health.isKept {
            let topic = health.topic(["bridge": setup.settings.bridge])
            byTopic[topic] = Publication(topic: topic, payload: [], qos: health.qos, isRetained: true)
        }
        return byTopic
    }

    /// The publications that clear all retained messages of a meter.
    mutating func clear(_ meter: MeterState, _ setup: PipelineSetup) -> [Publication] {
        setup.harmonized.clear(meter) + outputs.clear(meter)
    }
}
