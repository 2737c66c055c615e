// SPDX-License-Identifier: Apache-2.0

extension MeterRegistry {
    /// True for the first messages of a device that carry no id while a later message may: published at once, they
    /// would create a second meter for the same device.
    func mustWait(_ telegram: Telegram, device index: Int, _ setup: PipelineSetup) -> Bool {
        guard telegram.id == nil, placements[index].identity == nil else { return false }
        let source = setup.settings.sources[placements[index].device.source]
        return source.meter == nil && source.adapter.sendsIDSeparately && restored[placements[index].device] == nil
    }

    /// Binds a device to the meter that a telegram names.
    ///
    /// - Returns: the consequences for meters; nil at the limit of meters.
    mutating func bind(
        _ telegram: Telegram, device index: Int, origin: Origin, _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [MeterEvent]? {
        let known = placements[index].identity
        if let known, telegram.id == nil || telegram.id == known.received {
            return confirmExchange(index, at: origin.received, setup, &journal)
        }
        let text = telegram.id.map(MeterID.decoded)
        let serial = text.flatMap { isPlaceholder($0, device: index, setup) ? nil : $0 }
        let entry = setup.entry(for: telegram.id, decoded: text)
        if serial == nil, entry == nil, let known, known.isCertain { return [] }

        let device = placements[index].device
        let source = setup.settings.sources[device.source]
        let earlier = restored[device]
        let named = name(
            serial: serial, entry: entry, earlier: earlier, telegram: telegram, device: index, at: origin.received,
            setup)
        guard let meter = meterIndex(named.id, source: device.source, setup) else { return nil }
        let isFallback = named.isFallback || earlier?.isFallback == true
        placements[index].identity = DeviceIdentity(
            meter: meter, received: telegram.id, isCertain: named.isCertain,
            isIdentified: serial != nil || entry != nil || earlier?.serial != nil || known?.isIdentified == true,
            place: named.place, isFallback: isFallback && serial == nil)
        if named.isCertain { unnamed.remove(index) } else { unnamed.insert(index) }
        let mayBeNamed = !named.isCertain && !isFallback && earlier == nil && source.adapter.sendsIDSeparately
        placements[index].unsettledSince =
            mayBeNamed ? placements[index].unsettledSince ?? origin.received : nil
        meters[meter].bind(
            MeterState.Binding(
                source: source.name, device: device.name, adapter: source.adapter.name, topic: origin.topic,
                reads: source.reads, isFallback: isFallback))
        let moved =
            known == nil ? earlier.flatMap { goOn($0, as: meter, serial: serial, device: index, setup) } : nil
        var events = moved ?? []
        if let serial {
            events += placed(
                serial, device: index, meter: meter, former: known?.meter, telegram: telegram, at: origin.received,
                setup, &journal)
            if !placements[index].serials.isWavering || meters[meter].serial == nil {
                meters[meter].learn(serial: serial, received: telegram.id, place: named.place)
            }
            events += takeOverFallback(of: meter, telegram: telegram, device: index, at: origin.received, setup)
        }
        // Publications under the device's name, in this run or an earlier one, move to the meter.
        let former: Int? =
            known.map { $0.isCertain ? nil : $0.meter }
            ?? earlier.flatMap { $0.serial == nil ? self.index(ofMeter: $0.meter) : nil }
        guard let former, former != meter, moved == nil else { return events }
        return events + retire(former, into: meter, setup)
    }

    /// The id of a telegram's meter, and where it comes from.
    private struct Named {
        var id: String
        var place: String?
        var isCertain = true
        var isFallback = false
    }

    private func name(
        serial: String?, entry: MeterEntry?, earlier: RestoredBinding?, telegram: Telegram, device index: Int,
        at now: Timestamp, _ setup: PipelineSetup
    ) -> Named {
        let device = placements[index].device
        let source = setup.settings.sources[device.source]
        let tenant = tenant(of: index, setup)
        if let pinned = source.meter {
            return Named(id: Tenant.id(MeterID.level(given: pinned), of: tenant), place: source.meterPlace)
        }
        if let entry { return Named(id: Tenant.id(MeterID.level(given: entry.id), of: tenant), place: entry.place) }
        if let serial { return Named(id: Tenant.id(MeterID.level(serial), of: tenant)) }
        if let earlier { return Named(id: earlier.meter, isCertain: earlier.serial != nil) }
        if let lost = meterThatGoesOn(in: telegram, device: index, at: now, setup) {
            return Named(id: meters[lost].id, isFallback: true)
        }
        // A topic of the vendor may contain the filler itself (smartmeter/12345/…), which identifies nothing.
        let name = isPlaceholder(device.name, device: index, setup) ? source.name : device.name
        return Named(
            id: Tenant.id(MeterID.fitted(name, hashing: [source.name, device.name]), of: tenant), isCertain: false)
    }

    /// Handles a device whose first message after a restart names another meter than before: where it is the same
    /// meter, to which the configuration now gives another id, that meter continues.
    private mutating func goOn(
        _ earlier: RestoredBinding, as meter: Int, serial: String?, device index: Int, _ setup: PipelineSetup
    ) -> [MeterEvent]? {
        guard let old = self.index(ofMeter: earlier.meter), old != meter, serial == nil || serial == earlier.serial
        else { return nil }
        let device = placements[index].device
        let source = setup.settings.sources[device.source]
        meters[old].devices.removeAll { $0.source == source.name && $0.device == device.name }
        guard meters[old].devices.isEmpty else { return [] }
        guard meters[meter].registers.isEmpty else { return retire(old, into: meter, setup) }
        var events = [MeterEvent.ended(meters[old])]
        rename(old, into: meter, setup)
        let zone = meters[meter].settings.zone
        meters[meter].configure(setup.entry(ofMeter: meters[meter].id), setup.limits, setup.profile)
        if zone ?? source.zone != meters[meter].settings.zone ?? source.zone {
            meters[meter].readClockAnew()
            events.append(.clockReread(device: index))
        }
        meters[meter].forgetPublished()
        return events
    }

    // MARK: - Fixes of a meter's id

    /// The rules about ids.
    static let rules: [Fix.Rule] = [.idMissing, .idPlaceholder, .idFlapping]

    /// The fix about a reading's meter id; nil when the telegram brought a good id, or its device had one before.
    mutating func idFix(
        for telegram: Telegram, device index: Int, identity: DeviceIdentity, _ setup: PipelineSetup
    ) -> Fix? {
        let meter = meters[identity.meter].id
        guard let received = telegram.id else {
            if identity.isFallback {
                return Fix(
                    .idFlapping, fields: ["meter"], action: .substitute, original: placements[index].device.name,
                    with: meter)
            }
            guard !identity.isIdentified else { return nil }
            return Fix(.idMissing, fields: ["meter"], action: .substitute, with: meter, by: identity.place)
        }
        // An id that was good when it decided the meter needs no second check.
        if identity.isPlain, received == identity.received, !placements[index].serials.isWavering { return nil }
        let text = MeterID.decoded(received)
        guard setup.isFiller(text) else {
            placements[index].identity?.isPlain = received == identity.received
            guard placements[index].serials.isWavering, let serial = meters[identity.meter].serial, serial != text
            else { return nil }
            return Fix(
                .idFlapping, fields: ["meter"], action: .substitute, original: received.text, with: meter,
                by: identity.place)
        }
        guard isPlaceholder(text, device: index, setup) else {
            return Fix(.idPlaceholder, fields: ["meter"], action: .flag, original: received.text)
        }
        return Fix(
            .idPlaceholder, fields: ["meter"], action: .substitute, original: received.text, with: meter,
            by: identity.place)
    }

    /// True for a placeholder id, unless the profile leaves fillers as they are; an empty id is always replaced.
    private func isPlaceholder(_ text: String, device index: Int, _ setup: PipelineSetup) -> Bool {
        guard setup.isFiller(text) else { return false }
        let policy = setup.policies[placements[index].device.source].policy(.idPlaceholder)
        return !policy.leavesAsSent || text.allSatisfy { $0 == " " }
    }

    /// A reader sends its whole message at the latest after five minutes, Tasmota's longest usual period.
    private static let settling = TimeSpan.seconds(310)
    /// A message with fewer registers was sent immediately, beside the whole message.
    private static let wholeMessage = 3

    /// True while a later message may tell which meter this is. A whole message without an id settles it: its reader
    /// sends no id.
    mutating func isUnsettled(_ reading: Reading, device index: Int) -> Bool {
        guard let since = placements[index].unsettledSince else { return false }
        let isWhole = reading.registers.count { !$0.isDerived } >= Self.wholeMessage
        guard !isWhole, reading.received - since < Self.settling else {
            placements[index].unsettledSince = nil
            return false
        }
        return true
    }
}

extension MeterState {
    fileprivate mutating func learn(serial: String, received: RawID?, place: String?) {
        if self.serial != serial {
            self.serial = serial
            isInfoStale = true
        }
        if let received = received?.text, received != serial { note(.decodedID(received: received)) }
        if let place { note(.alias(received: serial, by: place)) }
    }
}

extension PipelineSetup {
    /// True for a placeholder id.
    fileprivate func isFiller(_ text: String) -> Bool { MeterID.isPlaceholder(text, words: profile.placeholders) }

    fileprivate func entry(for id: RawID?, decoded: String?) -> MeterEntry? {
        guard let id, let decoded else { return nil }
        return meterTable.entry(rawID: decoded) ?? meterTable.entry(rawID: id.text)
    }
}
