// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Everything that is published because of a reading, in the order in which a subscriber should see it.
    mutating func encode(_ reading: Reading, device index: Int) -> [Publication] {
        guard let meter = devices[index].identity?.meter else { return [] }
        if isUnsettled(reading, device: index) { return publish(reading, of: meter) }
        var publications: [Publication] = []
        // What the broker kept does not say that the meter lives.
        if !reading.origin.isRetained { publications = heard(meter, reading: reading, device: index) }
        publications.add(publish(reading, of: meter))
        guard reading.order != .old else { return publications + info(of: meter) }
        // Of two sources for one meter the first is believed, the other stands in while it is silent.
        guard isPrimary(index, meter: meter, at: reading.received) else { return publications + info(of: meter) }
        // A stand-in does not count, or it would serve once and then be silenced by itself.
        if isFirst(index, meter: meter) {
            // What waited came at no pace of the meter.
            if let last = meters[meter].primaryReceived, !reading.isDelayed, !meters[meter].isPaused {
                meters[meter].interval = Interval.learned(
                    meters[meter].interval, reading.received.milliseconds(since: last))
            }
            meters[meter].primaryReceived = reading.received
            meters[meter].isPaused = reading.isDelayed
        }
        publications.add(merge(reading, meter: meter))
        return publications
    }

    /// The reading itself.
    func publish(_ reading: Reading, of meter: Int) -> [Publication] {
        let rule = profile.topics.reading
        guard rule.isEnabled else { return [] }
        return [
            Publication(
                topic: meters[meter].topics.reading, payload: ReadingEncoder(profile).payload(reading),
                qos: rule.qos, isRetained: rule.retain == .always)
        ]
    }

    /// Takes a reading into what is known of its meter, and publishes that.
    mutating func merge(_ reading: Reading, meter: Int) -> [Publication] {
        var publications: [Publication] = []
        remember(reading, meter: meter)
        _ = meters[meter].age(at: reading.received)
        // Before the values: a consumer must know an exchanged meter for a new one when its first value comes.
        if meters[meter].isDescriptionStale {
            meters[meter].isDescriptionStale = false
            publications += describe(meter, at: reading.received)
        }
        if isStateDue(of: meter, at: reading.received) { publications.add(state(of: meter)) }
        publications.add(values(of: reading, meter: meter))
        if !outputs.isEmpty { publications += outputs.publications(of: reading, meter: meters[meter]) }
        publications.add(info(of: meter))
        return publications
    }

    /// The bare values of a reading's registers, as far as they are to be published.
    private mutating func values(of reading: Reading, meter: Int) -> [Publication] {
        guard profile.topics.obis.isEnabled || profile.topics.value.isEnabled else { return [] }
        var publications: [Publication] = []
        publications.reserveCapacity(reading.registers.count)
        let topics = meters[meter].topics
        for register in reading.registers {
            guard let position = meters[meter].position(of: register.obis) else { continue }
            meters[meter].registers[position].publish(
                profile.topics, on: topics, at: reading.received, into: &publications)
        }
        return publications
    }

    /// True unless `every` of the profile says that `state` was published just now.
    private mutating func isStateDue(of meter: Int, at now: Timestamp) -> Bool {
        let every = profile.topics.state.every
        guard every > 0 else { return true }
        if let last = meters[meter].statePublished, (0..<every).contains(now.milliseconds(since: last)) { return false }
        meters[meter].statePublished = now
        return true
    }

    func isPrimary(_ index: Int, meter: Int, at now: Timestamp) -> Bool {
        if isFirst(index, meter: meter) { return true }
        guard let last = meters[meter].primaryReceived else { return true }
        return now.milliseconds(since: last) > max(60_000, 3 * (meters[meter].interval ?? 0))
    }

    private func isFirst(_ index: Int, meter: Int) -> Bool {
        guard let first = meters[meter].devices.first else { return false }
        let device = devices[index].device
        if first.source == setup.settings.sources[device.source].name, first.device == device.name { return true }
        // The same reader under another name.
        return devices[index].identity?.isFallback == true
            || (first.isFallback && first.source == settings.sources[device.source].name)
    }

    private mutating func remember(_ reading: Reading, meter: Int) {
        if reading.clock == .meter {
            meters[meter].clockStillness = Stillness.after(
                meters[meter].clockStillness,
                isSame: meters[meter].newest.map { $0.time == reading.time && $0.clock == .meter } == true,
                at: reading.received, isLive: true)
        }
        meters[meter].newest = (reading.time, reading.clock, reading.received)
        // A meter usually sends all its registers at once: no more room than they need.
        if meters[meter].registers.isEmpty { meters[meter].registers.reserveCapacity(reading.registers.count) }
        for register in reading.registers {
            update(
                register, of: meter, time: register.time ?? reading.time, received: reading.received,
                isLive: !reading.isDelayed)
        }
    }

    mutating func update(
        _ register: RegisterValue, of meter: Int, time: Timestamp, received: Timestamp, isLive: Bool = true
    ) {
        if let position = meters[meter].position(of: register.obis) {
            meters[meter].registers[position].update(register, time: time, received: received, isLive: isLive)
            return
        }
        guard meters[meter].registers.count < meters[meter].registerLimit else { return }
        meters[meter].add(
            RegisterState(
                value: register, time: time, received: received, isSentByMeter: !register.isDerived,
                alias: alias(of: register.obis, meter: meters[meter])))
    }

    /// The alias of a register; those of M-Bus devices follow the medium, not the channel, which says nothing about it.
    private func alias(of obis: OBISCode, meter: MeterState) -> String? {
        guard let alias = profile.register(obis)?.alias else { return nil }
        guard alias == "{medium}" else { return alias }
        guard let submeter = meter.submeters.first(where: { $0.channel == Int(obis.b) }) else { return nil }
        let medium = submeter.medium.rawValue.replacing("-", with: "_")
        let isTaken = meter.registers.contains { $0.alias == medium }
        return isTaken ? "\(medium)_\(obis.b)" : medium
    }

    /// Names the registers that came, or were restored, before anyone said what their M-Bus device measures.
    mutating func nameRegisters(of meter: Int) {
        for position in meters[meter].registers.indices where meters[meter].registers[position].alias == nil {
            let obis = meters[meter].registers[position].value.obis
            guard let alias = alias(of: obis, meter: meters[meter]) else { continue }
            meters[meter].registers[position].alias = alias
        }
    }

    // MARK: - About a meter

    /// `state` as it is now.
    func state(of meter: Int) -> [Publication] {
        let rule = profile.topics.state
        guard rule.isEnabled, let payload = StateEncoder(schema: profile.schema).payload(meters[meter]) else {
            return []
        }
        return [
            Publication(
                topic: meters[meter].topics.state, payload: payload, qos: rule.qos, isRetained: rule.retain != .never)
        ]
    }

    /// `info`, when something in it changed.
    mutating func info(of meter: Int) -> [Publication] {
        if let interval = meters[meter].interval {
            let shown = meters[meter].publishedInterval
            // Published again only when it is another interval, not when it varies.
            if shown.map({ abs($0 - interval) * 2 > $0 }) ?? true {
                meters[meter].publishedInterval = interval
                meters[meter].isInfoStale = true
            }
        }
        guard profile.topics.info.isEnabled, meters[meter].isInfoStale else { return [] }
        meters[meter].isInfoStale = false
        return [
            Publication(
                topic: meters[meter].topics.info, payload: InfoEncoder(profile: profile).payload(meters[meter]),
                qos: profile.topics.info.qos, isRetained: profile.topics.info.retain != .never)
        ]
    }

    mutating func setAvailability(_ isOnline: Bool, meter: Int, at now: Timestamp) -> [Publication] {
        let rule = profile.topics.availability
        guard meters[meter].isOnline != isOnline else { return [] }
        meters[meter].isOnline = isOnline
        tellAvailability(isOnline, meter: meter, at: now)
        let described = describe(meter, at: now)
        guard rule.isEnabled else { return described }
        return described + [
            Publication(
                topic: meters[meter].topics.availability, payload: Array((isOnline ? "online" : "offline").utf8),
                qos: rule.qos, isRetained: rule.retain != .never)
        ]
    }
}
