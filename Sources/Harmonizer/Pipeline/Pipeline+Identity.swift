// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// What the retained `info` of an earlier run says about a device.
    struct RestoredBinding: Sendable {
        var meter: String
        var serial: String?
        /// Seconds that the device's clock is ahead; nil when it was right or unknown.
        var clock: Int64?
        var isFallback = false
        /// What its payloads showed.
        var serials: [String] = []
    }

    /// True for the first messages of a device that carry no id while a later one may: published at once they would make a
    /// second meter of the same device.
    func mustWait(_ telegram: Telegram, device index: Int) -> Bool {
        guard telegram.id == nil, devices[index].identity == nil else { return false }
        let source = source(of: index)
        return source.meter == nil && source.adapter.sendsIDSeparately && restored[devices[index].device] == nil
    }

    /// Binds a device to the meter that a telegram says it is. The order: the id that the user pinned, the `meters:` table,
    /// an id in any payload of this device, the device's name.
    ///
    /// - Returns: what follows for topics that are not its any more; nil when there are as many meters as there may be.
    mutating func bind(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication]? {
        let known = devices[index].identity
        if let known, telegram.id == nil || telegram.id == known.received {
            return confirmExchange(index, at: origin.received)
        }
        let text = telegram.id.map(MeterID.decoded)
        let serial = text.flatMap { isPlaceholder($0, device: index) ? nil : $0 }
        let entry = entry(for: telegram.id, decoded: text)
        if serial == nil, entry == nil, let known, known.isCertain { return [] }

        let source = source(of: index)
        let device = devices[index].device
        let earlier = restored[device]
        let tenant = tenant(of: index)
        let id: String
        var place: String?
        var isCertain = true
        var isFallback = earlier?.isFallback == true
        if let pinned = source.meter {
            id = Tenant.id(MeterID.level(given: pinned), of: tenant)
            place = source.meterPlace
        } else if let entry {
            id = Tenant.id(MeterID.level(given: entry.id), of: tenant)
            place = entry.place
        } else if let serial {
            id = Tenant.id(MeterID.level(serial), of: tenant)
        } else if let earlier {
            id = earlier.meter
            isCertain = earlier.serial != nil
        } else if let lost = meterThatGoesOn(in: telegram, device: index, at: origin.received) {
            id = meters[lost].id
            isFallback = true
        } else {
            // A topic of the vendor may hold the very filler (smartmeter/12345/…), which names nothing.
            let name = isPlaceholder(device.name, device: index) ? source.name : device.name
            id = Tenant.id(MeterID.fitted(name, hashing: [source.name, device.name]), of: tenant)
            isCertain = false
        }

        guard let meter = meterIndex(id, source: devices[index].device.source) else { return nil }
        devices[index].identity = DeviceIdentity(
            meter: meter, received: telegram.id, isCertain: isCertain,
            isIdentified: serial != nil || entry != nil || earlier?.serial != nil || known?.isIdentified == true,
            place: place, isFallback: isFallback && serial == nil)
        if isCertain { unnamedDevices.remove(index) } else { unnamedDevices.insert(index) }
        let mayBeNamed = !isCertain && !isFallback && earlier == nil && source.adapter.sendsIDSeparately
        devices[index].unsettledSince = mayBeNamed ? devices[index].unsettledSince ?? origin.received : nil
        meters[meter].bind(
            MeterState.Binding(
                source: source.name, device: device.name, adapter: source.adapter.name, topic: origin.topic,
                reads: source.reads, isFallback: isFallback))
        let moved = known == nil ? earlier.flatMap { goOn($0, as: meter, serial: serial, device: index) } : nil
        var publications = moved ?? []
        publications +=
            serial.map { placed($0, device: index, meter: meter, former: known?.meter, telegram: telegram, at: origin) }
            ?? []
        if let serial, !devices[index].serials.isWavering || meters[meter].serial == nil {
            learn(serial: serial, of: meter, received: telegram.id, place: place)
        }
        if serial != nil { publications += takeOverFallback(of: meter, telegram: telegram, device: index, at: origin) }
        sayRemarks(of: index)
        // What was published under the device's name, in this run or an earlier one, moves.
        let former: Int? =
            known.map { $0.isCertain ? nil : $0.meter }
            ?? earlier.flatMap { $0.serial == nil ? meterIndices[$0.meter] : nil }
        guard let former, former != meter, moved == nil else { return publications }
        return publications + retire(former, into: meter)
    }

    /// A reader sends its whole message at the latest after five minutes, Tasmota's longest usual period.
    private static let settling: Int64 = 310_000
    /// A message with fewer registers is one that was sent at once, beside the whole one.
    private static let wholeMessage = 3

    /// True while a later message may say which meter this is. A whole message without an id settles it: then its reader sends
    /// none.
    mutating func isUnsettled(_ reading: Reading, device index: Int) -> Bool {
        guard !publishesUnsettled, let since = devices[index].unsettledSince else { return false }
        let isWhole = reading.registers.count { !$0.isDerived } >= Self.wholeMessage
        guard !isWhole, reading.received.milliseconds(since: since) < Self.settling else {
            devices[index].unsettledSince = nil
            return false
        }
        return true
    }

    private mutating func learn(serial: String, of meter: Int, received: RawID?, place: String?) {
        if meters[meter].serial != serial {
            meters[meter].serial = serial
            meters[meter].isInfoStale = true
        }
        if let received = received?.text, received != serial { meters[meter].note(.decodedID(received: received)) }
        if let place { meters[meter].note(.alias(received: serial, by: place)) }
    }

    /// What a reading has to say about its meter's id; nil when the telegram brought a good one, or its device had one before.
    mutating func idFix(for telegram: Telegram, device index: Int, identity: DeviceIdentity) -> Fix? {
        let meter = meters[identity.meter].id
        guard let received = telegram.id else {
            if identity.isFallback {
                return Fix(
                    .idFlapping, fields: ["meter"], action: .substitute, original: devices[index].device.name,
                    with: meter)
            }
            guard !identity.isIdentified else { return nil }
            return Fix(.idMissing, fields: ["meter"], action: .substitute, with: meter, by: identity.place)
        }
        // What was found good when it decided which meter this is needs no second look.
        if identity.isPlain, received == identity.received, !devices[index].serials.isWavering { return nil }
        let text = MeterID.decoded(received)
        guard isFiller(text) else {
            devices[index].identity?.isPlain = received == identity.received
            guard devices[index].serials.isWavering, let serial = meters[identity.meter].serial, serial != text else {
                return nil
            }
            return Fix(
                .idFlapping, fields: ["meter"], action: .substitute, original: received.text, with: meter,
                by: identity.place)
        }
        guard isPlaceholder(text, device: index) else {
            return Fix(.idPlaceholder, fields: ["meter"], action: .flag, original: received.text)
        }
        return Fix(
            .idPlaceholder, fields: ["meter"], action: .substitute, original: received.text, with: meter,
            by: identity.place)
    }

    /// True for an id that is none.
    private func isFiller(_ text: String) -> Bool { MeterID.isPlaceholder(text, words: profile.placeholders) }

    /// The same, unless the profile leaves fillers as they are; where nothing stands there is nothing to leave.
    private func isPlaceholder(_ text: String, device index: Int) -> Bool {
        guard isFiller(text) else { return false }
        return !policy(.idPlaceholder, device: index).leavesAsSent || text.allSatisfy { $0 == " " }
    }

    private func entry(for id: RawID?, decoded: String?) -> MeterEntry? {
        guard let id, let decoded else { return nil }
        return setup.meterTable.entry(rawID: decoded) ?? setup.meterTable.entry(rawID: id.text)
    }

    /// A meter of which nothing is known but what the configuration says.
    func makeMeter(_ id: String) -> MeterState {
        var meter = MeterState(id: id, topics: MeterTopics(meter: id, topics: profile.topics))
        meter.configure(entry(ofMeter: id), settings)
        return meter
    }

    /// What `meters:` says about a meter.
    func entry(ofMeter id: String) -> MeterEntry? {
        setup.meterTable.entry(level: id) ?? setup.meterTable.entry(level: Tenant.local(id))
    }

    /// A meter goes on under another id, with everything that is known about it; `configure` comes next.
    mutating func rename(_ old: Int, into new: Int) {
        let former = meters[old]
        meters[new] = former.renamed(meters[new])
        meters[old] = makeMeter(former.id)
        retiredMeters += 1
        for index in devices.indices where devices[index].leaving?.meter == old { devices[index].leaving?.meter = new }
    }

    /// The first message of a device after a restart names another meter than before: where it is the same one, which the
    /// configuration calls something else now, it goes on.
    private mutating func goOn(
        _ earlier: RestoredBinding, as meter: Int, serial: String?, device index: Int
    ) -> [Publication]? {
        guard let old = meterIndices[earlier.meter], old != meter,
            serial == nil || serial == earlier.serial
        else { return nil }
        let (source, device) = (source(of: index).name, devices[index].device.name)
        meters[old].devices.removeAll { $0.source == source && $0.device == device }
        guard meters[old].devices.isEmpty else { return [] }
        guard meters[meter].registers.isEmpty else { return retire(old, into: meter) }
        let publications = clearing(meters[old])
        rename(old, into: meter)
        let zone = meters[meter].zone
        meters[meter].configure(entry(ofMeter: meters[meter].id), settings)
        let usual = self.zone(of: index)
        if zone ?? usual != meters[meter].zone ?? usual {
            meters[meter].readClockAnew()
            devices[index].clock = ClockWatch()
        }
        meters[meter].forgetPublished()
        return publications
    }

    /// A device that was published under its name turns out to have an id: what is known moves there, and what the broker
    /// keeps under the name is cleared, so that one device stays one meter.
    mutating func retire(_ old: Int, into new: Int) -> [Publication] {
        let isShared = devices.contains { $0.identity?.meter == old }
        guard !isShared else { return [] }
        let retired = meters[old]
        meters[new].adopt(retired)
        for register in retired.registers where meters[new].position(of: register.value.obis) == nil {
            update(register.value, of: new, time: register.time, received: register.received)
        }
        for translation in retired.translations { meters[new].note(translation) }
        meters[old] = makeMeter(retired.id)
        retiredMeters += 1
        return clearing(retired)
    }

    /// What clears everything that the broker keeps of a meter.
    mutating func clearing(_ meter: MeterState) -> [Publication] {
        let topics = profile.topics
        let kept = [
            (topics.info, meter.topics.info), (topics.state, meter.topics.state),
            (topics.availability, meter.topics.availability),
        ]
        return kept.filter { $0.0.isEnabled && $0.0.retain != .never }
            .map { Publication(topic: $0.1, payload: [], qos: $0.0.qos, isRetained: true) }
            + meter.registers.flatMap { $0.clearing(topics, on: meter.topics) } + outputs.clear(meter)
    }
}
