// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Where a topic leads.
    enum Destination {
        case device(Int)
        /// To nobody; counted by kind.
        case nobody(kind: String)
        /// To a source that does not take it.
        case refused(Rejection, source: Int)
    }

    /// Whom a topic that was seen before leads to.
    enum Recipient: Sendable {
        case device(Int)
        case otherPartition
    }

    /// The name of the source that takes a topic; nil for none.
    public func source(of topic: String) -> String? {
        profile.topics.isOutput(topic) ? nil : setup.router.device(topic).map { settings.sources[$0.source].name }
    }

    /// The device of a topic, made when it is new and there is room for it.
    mutating func destination(of topic: String) -> Destination {
        if let known = knownTopics[topic] { return Destination(known) }
        guard let device = setup.router.device(topic) else { return .nobody(kind: "no-source") }
        // A filter such as `rpi1/#` also matches this bridge's own output when a broker bridge brings it back below a prefix.
        guard !profile.topics.isOutput(topic) else { return .nobody(kind: "own-output") }
        guard topic.utf8.count <= limits.topicLength else {
            let detail = "a topic of \(topic.utf8.count) bytes, more than \(limits.topicLength)"
            return .refused(Rejection(.topicLength, detail), source: device.source)
        }
        var recipient = Recipient.otherPartition
        if settings.partition.contains(device: device.name) {
            guard let index = index(of: device) else {
                return .refused(noRoom(forDeviceOf: device.source), source: device.source)
            }
            recipient = .device(index)
        }
        // The text, and what a dictionary needs around it.
        let cost = topic.utf8.count + 64
        if knownTopicsCost + cost <= Self.knownTopicsLimit {
            knownTopicsCost += cost
            knownTopics[topic] = recipient
        }
        return Destination(recipient)
    }

    /// Bytes of the topics that are looked up instead of being matched against every filter: some 150,000 topics.
    private static var knownTopicsLimit: Int { 16 << 20 }

    /// Nil when the source has as many devices as it may.
    mutating func index(of device: Router.Device) -> Int? {
        if let index = deviceIndices[device] { return index }
        guard deviceCounts[device.source, default: 0] < limits.devices else { return nil }
        deviceCounts[device.source, default: 0] += 1
        devices.append(DeviceState(device: device, decoder: settings.sources[device.source].adapter.makeDecoder()))
        deviceIndices[device] = devices.count - 1
        if let clock = restored[device]?.clock {
            devices[devices.count - 1].clock = ClockWatch(learned: clock * 1000)
        }
        devices[devices.count - 1].serials = DeviceSerials(restored[device]?.serials ?? [])
        return devices.count - 1
    }

    /// Nil when there are as many meters as there may be: of the source that names a new one, or (read back from the broker)
    /// altogether.
    mutating func meterIndex(_ id: String, source: Int?) -> Int? {
        if let index = meterIndices[id] { return index }
        guard meters.count - retiredMeters < limits.meters * max(1, settings.sources.count) else { return nil }
        if let source {
            guard meterCounts[source, default: 0] < limits.meters else { return nil }
            meterCounts[source, default: 0] += 1
        }
        meters.append(makeMeter(id))
        meterIndices[id] = meters.count - 1
        return meters.count - 1
    }

    mutating func noRoom(forDeviceOf source: Int) -> Rejection { noRoom(source, "devices", limits.devices) }

    mutating func noRoom(forMeterOf source: Int) -> Rejection { noRoom(source, "meters", limits.meters) }

    private mutating func noRoom(_ source: Int, _ what: String, _ limit: Int) -> Rejection {
        let detail = "the source has \(limit) \(what) already; \"limits: {\(what): \(limit)}\" allows no more"
        say(Diagnostic(.warning, "source \"\(settings.sources[source].name)\": new \(what) are rejected: \(detail)"))
        return Rejection(.limit, detail)
    }

    /// What of a telegram is beyond every meter's; nil for an honest one.
    func excess(in telegram: Telegram) -> Rejection? {
        if let id = telegram.id?.text.utf8.count, id > Limits.idLength {
            return Rejection(.tooLarge, "an id of \(id) bytes, more than \(Limits.idLength)")
        }
        if let device = telegram.device?.utf8.count, device > limits.topicLength {
            return Rejection(.tooLarge, "a device name of \(device) bytes, more than \(limits.topicLength)")
        }
        var longest = max(telegram.model?.manufacturer?.utf8.count ?? 0, telegram.model?.model?.utf8.count ?? 0)
        for submeter in telegram.submeters { longest = max(longest, submeter.id?.utf8.count ?? 0) }
        if longest > Limits.idLength {
            return Rejection(.tooLarge, "an identification of \(longest) bytes, more than \(Limits.idLength)")
        }
        var count = telegram.observations.count
        for observation in telegram.observations {
            switch observation.value {
            case .number:
                guard let unit = observation.unit, unit.index == nil, unit.symbol.utf8.count > Limits.unitLength else {
                    continue
                }
                return Rejection(.tooLarge, "\(observation.obis): a unit of \(unit.symbol.utf8.count) bytes")
            case .list(let entries): count += entries.count
            case .text(let text):
                guard text.utf8.count > Limits.textLength else { continue }
                let detail = "a text of \(text.utf8.count) bytes, more than \(Limits.textLength)"
                return Rejection(.tooLarge, "\(observation.obis): \(detail)")
            }
        }
        guard count <= limits.registers else {
            return Rejection(.tooLarge, "\(count) registers in one telegram, more than \(limits.registers)")
        }
        return nil
    }

    /// Makes room when too much is held back: what would be due first is emitted, a tenth of it at once, because each look
    /// at all of them takes time.
    mutating func relieve(at now: Timestamp) -> [Publication] {
        guard openDevices.count > limits.openGroups else { return [] }
        let due = openDevices.map { (index: $0, deadline: devices[$0].deadline(profile.groups) ?? now) }
            .sorted { ($0.deadline, $0.index) < ($1.deadline, $1.index) }
        return due.prefix(1 + limits.openGroups / 10).flatMap { close($0.index, at: now, isForced: true) }
    }

    // MARK: - Dead letter

    /// The dead letter, unless there were too many of its kind.
    ///
    /// - Parameter device: the device that sent it: where its meter is known, the reject is that meter's.
    mutating func reject(_ rejection: Rejection, origin: Origin, device: Int? = nil) -> [Publication] {
        counters.count(rejection, source: counters.index(ofSource: origin.source))
        tellReject(rejection, origin: origin)
        let meter = device.flatMap { devices[$0].identity?.meter }
        if let meter { meters[meter].rejects += 1 }
        if keepsTraces { trace(.rejected(rejection, origin: origin)) }
        guard profile.topics.reject.isEnabled else { return [] }
        let (isAdmitted, summary) = rejects.admit(rejection, origin: origin)
        var publications = summary.map { [deadLetter(RejectEncoder(profile: profile).payload($0))] } ?? []
        if isAdmitted {
            publications.append(
                deadLetter(
                    RejectEncoder(profile: profile).payload(
                        rejection, origin: origin, meter: meter.map { meters[$0].id })))
        } else {
            counters.suppressedRejects += 1
        }
        return publications
    }

    /// What was left out of the dead letter in the minutes that are over.
    mutating func rejectSummaries(at now: Timestamp, isForced: Bool = false) -> [Publication] {
        rejects.summaries(at: now, isForced: isForced).map { deadLetter(RejectEncoder(profile: profile).payload($0)) }
    }

    private func deadLetter(_ payload: [UInt8]) -> Publication {
        let rule = profile.topics.reject
        return Publication(
            topic: rule.topic(["bridge": settings.bridge]), payload: payload, qos: rule.qos,
            isRetained: rule.retain == .always)
    }
}

extension Pipeline.Destination {
    fileprivate init(_ known: Pipeline.Recipient) {
        switch known {
        case .device(let index): self = .device(index)
        case .otherPartition: self = .nobody(kind: "other-partition")
        }
    }
}
