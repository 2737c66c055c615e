// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// What the retained `info` of an earlier run says about a device.
    struct RestoredBinding: Sendable {
        var meter: String
        var serial: String?
    }

    /// True for the first messages of a device that carry no id while a later one may: published at once they would make a
    /// second meter of the same device.
    func mustWait(_ telegram: Telegram, device index: Int) -> Bool {
        let device = devices[index]
        return telegram.id == nil && device.identity == nil && source(of: index).meter == nil
            && source(of: index).adapter.sendsIDSeparately && restored[device.device] == nil
    }

    /// Binds a device to the meter that a telegram says it is. The order: the id that the user pinned, the `meters:` table,
    /// an id in any payload of this device, the device's name.
    mutating func bind(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        let source = source(of: index)
        let text = telegram.id.map(MeterID.decoded)
        let serial = text.flatMap { MeterID.isPlaceholder($0, words: profile.placeholders) ? nil : $0 }
        if serial == nil, let identity = devices[index].identity, identity.isCertain || text == nil { return [] }

        var choice: (id: String, isCertain: Bool, fix: Fix?)
        var alias: String?
        if let pinned = source.meter {
            choice = (MeterID.level(given: pinned), true, nil)
            alias = source.meterPlace
            if serial == nil {
                choice.fix = idFix(received: telegram.id, with: choice.id, by: source.meterPlace)
            }
        } else if let entry = entry(for: telegram.id, decoded: text) {
            choice = (MeterID.level(given: entry.id), true, nil)
            alias = entry.place
        } else if let serial {
            choice = (MeterID.level(serial), true, nil)
        } else if let earlier = restored[devices[index].device] {
            let isCertain = earlier.serial != nil
            choice = (
                earlier.meter, isCertain, isCertain ? nil : idFix(received: telegram.id, with: earlier.meter, by: nil)
            )
        } else {
            let device = devices[index].device.name
            let name = device.isEmpty || text != nil ? source.name : device
            let id = MeterID.fitted(name, hashing: [source.name, device])
            choice = (id, false, idFix(received: telegram.id, with: id, by: nil))
        }

        let meter = meterIndex(choice.id)
        let previous = devices[index].identity
        devices[index].identity = DeviceIdentity(meter: meter, isCertain: choice.isCertain, fix: choice.fix)
        meters[meter].bind(
            MeterState.Binding(
                source: source.name, device: devices[index].device.name, adapter: source.adapter.name,
                topic: origin.topic))
        if let serial, meters[meter].serial != serial {
            meters[meter].serial = serial
            meters[meter].isInfoStale = true
            if let received = telegram.id?.text, received != serial {
                meters[meter].note(.decodedID(received: received))
            }
            if let alias { meters[meter].note(.alias(received: serial, by: alias)) }
        }
        if let previous, previous.meter != meter, !previous.isCertain {
            return retire(previous.meter, into: meter)
        }
        return []
    }

    private func idFix(received: RawID?, with id: String, by place: String?) -> Fix? {
        let rule: Fix.Rule = received == nil ? .idMissing : .idPlaceholder
        guard profile.policy(rule) != .off else { return nil }
        return Fix(rule, fields: ["meter"], action: .substitute, original: received?.text, with: id, by: place)
    }

    private func entry(for id: RawID?, decoded: String?) -> MeterEntry? {
        guard let id, let decoded else { return nil }
        return settings.meters.first { $0.rawIDs.contains(decoded) || $0.rawIDs.contains(id.text) }
    }

    mutating func meterIndex(_ id: String) -> Int {
        if let index = meterIndices[id] { return index }
        var meter = MeterState(id: id, topics: MeterTopics(meter: id, topics: profile.topics))
        meter.name = settings.meters.first { MeterID.level(given: $0.id) == id }?.name
        meters.append(meter)
        meterIndices[id] = meters.count - 1
        return meters.count - 1
    }

    /// A device that was published under its name turns out to have an id: what is known moves there, and what the broker
    /// keeps under the name is cleared, so that one device stays one meter.
    private mutating func retire(_ old: Int, into new: Int) -> [Publication] {
        let isShared = devices.contains { $0.identity?.meter == old }
        guard !isShared else { return [] }
        let retired = meters[old]
        for register in retired.registers where meters[new].position(of: register.value.obis) == nil {
            update(register.value, of: new, time: register.time, received: register.received)
        }
        for translation in retired.translations { meters[new].note(translation) }
        meters[old] = MeterState(id: retired.id, topics: retired.topics)
        let topics = profile.topics
        let kept = [
            (topics.info, retired.topics.info), (topics.state, retired.topics.state),
            (topics.availability, retired.topics.availability),
        ]
        return kept.filter { $0.0.isEnabled && $0.0.retain != .never }
            .map { Publication(topic: $0.1, payload: [], qos: $0.0.qos, isRetained: true) }
            + retired.registers.flatMap { $0.clearing(topics) }
    }
}
