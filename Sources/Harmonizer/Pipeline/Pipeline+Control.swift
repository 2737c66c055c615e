// SPDX-License-Identifier: Apache-2.0

// Queries and commands for a running pipeline.
extension Pipeline {
    // MARK: - Queries

    /// The current settings: those of `init`, or of the last `reload`.
    public var settings: Settings { setup.settings }
    /// Counts of what happened so far.
    public var counters: Counters { journal.counters }

    /// True to report also what a log shows while all is well: which meters were found, that every source sends, what
    /// is rejected.
    public var tellsNews: Bool {
        get { journal.tellsNews }
        set { journal.tellsNews = newValue }
    }

    /// The diagnostics for people since the last call.
    public mutating func takeDiagnostics() -> [Diagnostic] { journal.takeDiagnostics() }

    /// True to keep the readings as values, besides publishing them; the caller that sets it calls `takeReadings` after
    /// each message.
    public var keepsReadings: Bool {
        get { journal.keepsReadings }
        set { journal.keepsReadings = newValue }
    }

    /// The readings since the last call, oldest first: the content of `…/reading`, as values. Always empty unless
    /// `keepsReadings`.
    public mutating func takeReadings() -> [Reading] { journal.takeReadings() }

    /// True to keep the readings that update the states of the meters; the caller that sets it takes them after each
    /// message.
    public var keepsMergedReadings: Bool {
        get { journal.keepsMergedReadings }
        set { journal.keepsMergedReadings = newValue }
    }

    /// The merged readings since the last call, oldest first: those that are neither older than their meter's newest
    /// nor from a stand-in source, and those that `accept` confirmed. Always empty unless `keepsMergedReadings`.
    public mutating func takeMergedReadings() -> [Reading] { journal.takeMergedReadings() }

    /// True to keep the age of each reading; the caller that sets it takes the ages after each batch.
    public var keepsReadingAges: Bool {
        get { journal.keepsReadingAges }
        set { journal.keepsReadingAges = newValue }
    }

    /// The ages of the readings since the last call, at their arrival; always empty unless `keepsReadingAges`.
    public mutating func takeReadingAges() -> [TimeSpan] { journal.takeReadingAges() }

    /// True to keep a trace of every step; the caller that sets it takes the traces after each message.
    package var keepsTraces: Bool {
        get { journal.keepsTraces }
        set { journal.keepsTraces = newValue }
    }

    /// The traces since the last call, oldest first; always empty unless `keepsTraces`.
    package mutating func takeTraces() -> [Trace] { journal.takeTraces() }

    // MARK: - Meters

    /// The name of the source that takes a topic; nil when there is none.
    public func source(of topic: String) -> String? {
        setup.profile.topics.isOutput(topic) ? nil : setup.router.device(topic).map { settings.sources[$0.source].name }
    }

    /// True for a topic on which a device of a meter sends: data kept elsewhere about this topic is deleted with the
    /// meter.
    ///
    /// - Parameters:
    ///   - topic: a topic that a source may read.
    ///   - name: the meter's id, or the text that the id was made from.
    public func isTopic(_ topic: String, ofMeter name: String) -> Bool {
        guard let meter = knownMeter(name) else { return false }
        if registry.meters[meter].devices.contains(where: { $0.topic == topic }) { return true }
        guard let device = setup.router.device(topic), let index = intake.index(of: device) else { return false }
        return registry.meter(of: index) == meter
    }

    /// How many meters there are.
    package var meterTotals: MeterTotals {
        var counts = MeterTotals()
        for meter in registry.meters where meter.isListed {
            switch meter.isOnline {
            case true?: counts.online += 1
            case false?: counts.offline += 1
            case nil: counts.unknown += 1
            }
            counts.heldRegisters += meter.instrument.held.count
        }
        return counts
    }

    /// Every known meter, in no particular order.
    package var meterSummaries: [MeterSummary] {
        registry.meters.lazy.filter(\.isListed).compactMap { meter in
            meter.newest.map {
                MeterSummary(id: meter.id, name: meter.settings.name, isOnline: meter.isOnline, newest: $0)
            }
        }
    }

    /// The current `state` of a meter, as the bytes of the topic, whether or not the profile publishes it.
    ///
    /// - Returns: nil for an unknown meter, and for a meter of which nothing was ever received.
    public func state(ofMeter id: String) -> [UInt8]? {
        guard let index = registry.index(ofMeter: id), registry.meters[index].isListed else { return nil }
        return StateEncoder(schema: setup.profile.schema).payload(registry.meters[index])
    }

    /// The register that a meter publishes under an alias; nil when there is none.
    public func register(alias: String, ofMeter id: String) -> OBISCode? {
        registry.index(ofMeter: id).flatMap { index in
            registry.meters[index].registers.first { $0.alias == alias }?.value.obis
        }
    }

    /// The known meters with only the registers of these aliases, in no particular order.
    ///
    /// - Parameter isWanted: true for the meter ids to include.
    package func glances(aliases: Set<String>, where isWanted: (String) -> Bool = { _ in true }) -> [MeterGlance] {
        registry.meters.indices.compactMap { index in
            guard isWanted(registry.meters[index].id) else { return nil }
            return MeterGlance(registry.meters[index], aliases: aliases)
        }
    }

    /// One meter with all its registers; nil for an unknown meter, and for a meter of which nothing was ever received.
    package func glance(ofMeter id: String) -> MeterGlance? {
        registry.index(ofMeter: id).flatMap { MeterGlance(registry.meters[$0]) }
    }

    /// The number of indices for `retained(ofMeter:)`; it only grows.
    public var meterCount: Int { registry.meters.count }

    /// The ids of the meters about which something is known.
    public var knownMeters: [String] {
        // In place: a copy of each meter would cost more than the query.
        registry.meters.indices.compactMap { index in
            registry.meters[index].isKnown ? registry.meters[index].id : nil
        }
    }

    /// The current retained messages of one meter, for a broker that has lost them.
    public func retained(ofMeter index: Int) -> [Publication] {
        guard registry.meters.indices.contains(index) else { return [] }
        return delivery.retained(of: registry.meters[index], setup)
    }

    // MARK: - Health

    /// Messages published since the start, by output; messages of the harmonised profile and messages about the bridge
    /// itself count as `harmonized`.
    public var publicationsByOutput: [String: Int] {
        var counts = delivery.outputs.published
        for name in settings.outputs.names where counts[name] == nil { counts[name] = 0 }
        // Messages that no other output made belong to the profile.
        counts["harmonized"] = max(0, counters.publications - counts.values.reduce(0, +))
        return counts
    }

    /// `…/bridge/<bridge>/health`; nil when the profile has switched it off.
    public func health(_ facts: ProcessFacts, at now: Timestamp) -> Publication? {
        let rule = setup.profile.topics.health
        guard rule.isEnabled else { return nil }
        let encoder = HealthEncoder(
            schema: setup.profile.schema, counters: counters,
            meters: (registry.meters.count, registry.meters.count { $0.isOnline == true }),
            worst: HealthEncoder.worst(registry.meters))
        return Publication(
            topic: rule.topic(["bridge": settings.bridge]), payload: encoder.payload(facts, at: now), qos: rule.qos,
            isRetained: rule.retain != .never)
    }

    // MARK: - Commands

    /// Executes a command to the bridge, and answers it.
    ///
    /// The answer is the last publication: when its reader gets it, the others are done. A command sent twice, because
    /// its answer was lost, does no harm.
    ///
    /// - Parameters:
    ///   - payload: the command, JSON.
    ///   - now: the time of its arrival.
    ///   - more: further lines for the answer about a meter: what the caller does besides.
    public mutating func command(_ payload: [UInt8], at now: Timestamp, more: [String] = []) -> [Publication] {
        let command: Command
        do throws(Command.Malformed) {
            command = try Command(payload)
        } catch {
            return [answer(error.request ?? "", isDone: false, [error.reason])]
        }
        if command.name == .identify {
            return [answer(command.request, isDone: true, ["bridge \(settings.bridge)"])]
        }
        guard let meter = knownMeter(command.meter) else {
            let known = registry.meters.map(\.id)
            let hint = known.isEmpty ? "; none was seen yet" : NearestWord.hint(command.meter, in: known)
            return [answer(command.request, isDone: false, ["no meter \"\(command.meter)\"\(hint)"] + more)]
        }
        let (publications, lines) =
            switch command.name {
            case .accept: accept(meter, at: now)
            case .forget: forget(meter)
            case .identify: ([], [])
            }
        return count(publications + [answer(command.request, isDone: true, lines + more)])
    }

    /// The topic that `command` listens on; nil when the profile switched it off.
    public static func commandTopic(_ topics: Topics, bridge: String) -> String? {
        topics.command.isEnabled ? topics.command.topic(["bridge": bridge]) : nil
    }

    private func answer(_ request: String, isDone: Bool, _ lines: [String]) -> Publication {
        let rule = setup.profile.topics.answer
        return Publication(
            topic: rule.topic(["bridge": settings.bridge]),
            payload: Answer(request: request, isDone: isDone, lines: lines).payload, qos: rule.qos, isRetained: false)
    }

    private func knownMeter(_ name: String) -> Int? {
        let index = registry.index(ofMeter: name) ?? registry.index(ofMeter: MeterID.level(given: name))
        return index.flatMap { registry.meters[$0].isKnown ? $0 : nil }
    }

    /// Accepts the held values: publishes them as a reading of their own, with the values they replace. The frame
    /// counter of an encrypted meter may start again.
    private mutating func accept(_ meter: Int, at now: Timestamp) -> ([Publication], [String]) {
        let id = registry.meters[meter].id
        let sender = registry.forgetSender(ofMeter: meter)
        if let sender { readers.forget(sender: sender) }
        let anew = sender.map { ["meter \(id): the next frame of \($0) may have any counter"] } ?? []
        guard let device = registry.meters[meter].devices.first,
            let (reading, lines) = registry.meters[meter].acceptHeld(from: device, at: now)
        else {
            guard sender != nil else { return ([], ["meter \(id): nothing is held"]) }
            return (setup.harmonized.state(of: registry.meters[meter]).map { [$0] } ?? [], anew)
        }
        let source = journal.counters.index(ofSource: device.source)
        for fix in reading.fixes { journal.counters.count(fix, source: source) }
        var publications: [Publication] = []
        publications.add(setup.harmonized.reading(reading, of: registry.meters[meter]))
        journal.noteMerged(reading)
        delivery.merge(reading, into: &registry.meters[meter], index: meter, setup, &journal, &publications)
        return (publications, lines + anew)
    }

    /// Clears the retained messages of a meter. A reader that still sends for the meter brings it back as a new one.
    private mutating func forget(_ meter: Int) -> ([Publication], [String]) {
        if let sender = registry.forgetSender(ofMeter: meter) { readers.forget(sender: sender) }
        let old = registry.forget(meter, setup)
        let cleared = delivery.clear(old, setup)
        let line = "meter \(old.id): forgotten, \(cleared.count) retained topics cleared"
        return (cleared, [line, "a reader that still sends for it brings it back as a new one"])
    }
}

extension MeterState {
    /// False for a meter that turned out to be another, that was forgotten, or that another bridge reads.
    var isListed: Bool { newest != nil && !devices.isEmpty }

    /// True for a meter about which something is known.
    fileprivate var isKnown: Bool { newest != nil || !devices.isEmpty || !instrument.held.isEmpty }

    /// Accepts the held values.
    ///
    /// - Returns: a reading of them, and a sentence for each counter; nil when nothing is held.
    fileprivate mutating func acceptHeld(from device: Binding, at now: Timestamp) -> (Reading, [String])? {
        let held = instrument.held.sorted { $0.key < $1.key }
        guard let time = held.map(\.value.time).max() else { return nil }
        var fixes: [Fix] = []
        var lines: [String] = []
        var registers: [RegisterValue] = []
        for (obis, row) in held {
            let baseline = baseline(of: obis)?.value
            fixes.join(CounterStep.confirmed(obis, row.value, from: baseline, by: .accept))
            // A computed total, held because a tariff came late.
            let isDerived = instrument.totals[obis]?.isHeld == true && !isSent(obis)
            if isDerived {
                instrument.totals[obis]?.accept()
                isInfoStale = true
            }
            registers.append(
                RegisterValue(
                    obis: obis, value: .number(row.value), unit: row.unit, time: row.time == time ? nil : row.time,
                    isDerived: isDerived))
            let unit = row.unit.map { " \($0)" } ?? ""
            let former = baseline.map { " instead of \($0)\(unit)" } ?? ""
            if obis == Demand.Registers.energy || obis.isTariff(of: Demand.Registers.energy) { demand?.loseTrack() }
            lines.append("meter \(id): \(obis) goes on from \(row.value)\(unit)\(former)")
            believe(obis)
        }
        var checksum = Checksum()
        checksum.combine(id.utf8)
        for line in lines { checksum.combine(line.utf8) }
        let origin = Origin(
            source: device.source, adapter: device.adapter, topic: device.topic, arrival: Arrival(received: now))
        let reading = Reading(
            meter: id, id: checksum.hex, time: time, clock: newest?.clock ?? .bridge, order: .current,
            isDelayed: false, received: now, registers: registers, fixes: fixes, origin: origin)
        return (reading, lines)
    }
}
