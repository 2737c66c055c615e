// SPDX-License-Identifier: Apache-2.0

/// The processing from a raw message to harmonised publications, as a value: it does no input or output, reads no clock
/// and starts no thread, so that every command, test and benchmark runs the same code as the bridge.
///
/// A message is admitted by `Intake`, read by the `Reader` of its device, placed by the `MeterRegistry`, turned into a
/// reading by the `Steps`, and published by `Delivery`. Each of them owns what it remembers, and does not know the
/// others.
public struct Pipeline: Sendable {
    /// The settings of a pipeline.
    public typealias Settings = PipelineSettings

    var setup: PipelineSetup
    var intake: Intake
    var readers = Readers()
    var registry = MeterRegistry()
    var steps: Steps
    var delivery: Delivery
    var deadLetter = DeadLetter()
    var journal: Journal
    /// False to publish only the readings of a meter whose id may still come: no state, no bare value and nothing for
    /// consumers, which would get a second meter that disappears again. True for a command that reads to the end of a
    /// file.
    public var publishesUnsettled = true

    /// Makes an empty pipeline.
    public init(_ settings: Settings) {
        setup = PipelineSetup(settings)
        intake = Intake(settings.sources)
        steps = Steps(setup)
        delivery = Delivery(settings.outputs)
        journal = Journal(sources: settings.sources.map(\.name))
    }

    // MARK: - Messages and time

    /// Takes one message and returns the publications for it, which may be none yet.
    public mutating func handle(_ message: RawMessage) -> [Publication] { count(take(message)) }

    /// Notes that the input is connected: messages that the broker queued meanwhile come next.
    ///
    /// - Parameters:
    ///   - now: the time of the connection.
    ///   - isResumed: true when the broker had kept the session.
    public mutating func connected(at now: Timestamp, isResumed: Bool) {
        intake.connected(at: now, isResumed: isResumed)
    }

    /// Emits what has waited long enough.
    public mutating func advance(to now: Timestamp) -> [Publication] {
        for notice in intake.advance(to: now) { journal.say(notice) }
        var publications = delivery.advance(to: now, &registry.meters, setup, &journal)
        for index in readers.due(at: now, setup.profile.groups) {
            publications += close(index, at: now, isForced: false)
        }
        return count(publications + deadLetter.summaries(at: now, setup))
    }

    /// Emits everything that is held back: at a limit, at shutdown, at the end of a file.
    public mutating func flush(at now: Timestamp) -> [Publication] {
        let publications = readers.open.sorted().flatMap { close($0, at: now, isForced: true) }
        return count(publications + deadLetter.summaries(at: now, isForced: true, setup))
    }

    /// The time at which `advance` has something to do: a telegram to end, values that a consumer waits for, or a meter
    /// that is silent for too long; nil when nothing is pending. Only `hasOpenGroups` tells whether something is held
    /// back.
    public var nextDeadline: Timestamp? {
        [delivery.nextDeadline, readers.nextDeadline(setup.profile.groups)].compactMap(\.self).min()
    }

    /// True while the result of a taken message is not published yet: its acknowledgement has to wait.
    public var hasOpenGroups: Bool { !readers.open.isEmpty }

    /// Publishes a message that must not be handled as a reject.
    public mutating func refuse(_ message: RawMessage, _ rejection: Rejection) -> [Publication] {
        var source: Int?
        defer { journal.counters.count(received: source) }
        switch admit(message.topic) {
        case .device(let index): source = readers[index].device.source
        case .nobody(let kind): if kind == Intake.otherPartition { return [] }
        case .refused(_, let refusing): source = refusing
        case .newcomer(let device): source = device.source
        }
        let origin = Origin(message, source: source.map { setup.settings.sources[$0] }, arrival: Arrival(message))
        return count(deadLetter.take(rejection, origin: origin, setup, &journal))
    }

    /// Counts publications; every entry point calls it once.
    mutating func count(_ publications: [Publication]) -> [Publication] {
        journal.counters.publications += publications.count
        return publications
    }

    // MARK: - The path of a message

    private mutating func take(_ message: RawMessage) -> [Publication] {
        if let publications = delivery.consumerBirth(message, registry.meters, setup) {
            journal.counters.count(received: nil)
            return publications
        }
        let index: Int
        switch admit(message.topic) {
        case .device(let known): index = known
        case .newcomer: return []
        case .nobody(let kind):
            journal.counters.count(received: nil)
            journal.counters.count(ignored: kind, source: nil)
            return []
        case .refused(let rejection, let source):
            heard(source)
            let origin = Origin(message, source: setup.settings.sources[source], arrival: Arrival(message))
            return deadLetter.take(rejection, origin: origin, setup, &journal)
        }
        let source = readers[index].device.source
        heard(source)
        let usual = registry.meter(of: index).flatMap { registry.meters[$0].interval }
        let before = registry.lastMeter(of: index).flatMap { registry.meters[$0].heardBefore }
        let arrival = intake.arrival(of: message, last: readers[index].last, usual: usual, heardBefore: before)
        let origin = Origin(
            message, source: setup.settings.sources[source].name, adapter: setup.adapterNames[source], arrival: arrival)
        var context = setup.context
        context.memories = registry.memories
        let verdict = readers[index].read(message, origin: origin, context: context)
        context.memories = [:]
        if journal.keepsTraces {
            journal.trace(.message(message, device: readers[index].device.name, verdict: verdict))
        }
        var publications = follow(verdict, device: index, origin: origin)
        readers.noteOpen(index)
        for surplus in readers.surplus(at: message.received, limit: setup.limits.openGroups, setup.profile.groups) {
            publications += close(surplus, at: message.received, isForced: true)
        }
        return publications
    }

    /// The device of a topic, created when it is new and there is room for it.
    private mutating func admit(_ topic: String) -> Intake.Destination {
        let destination = intake.destination(of: topic, setup)
        guard case .newcomer(let device) = destination else { return destination }
        guard let index = index(of: device) else {
            return .refused(noRoom(for: "devices", setup.limits.devices, of: device.source), source: device.source)
        }
        intake.remember(topic, .device(index))
        return .device(index)
    }

    /// Nil when the source is at its limit of devices.
    private mutating func index(of device: Router.Device) -> Int? {
        if let known = intake.index(of: device) { return known }
        guard intake.add(device, as: readers.all.count, setup.limits) else { return nil }
        let clock = registry.restored[device]?.clock.map { ClockWatch(learned: $0) } ?? ClockWatch()
        let decoder = setup.settings.sources[device.source].adapter.makeDecoder()
        readers.add(Reader(device, decoder: decoder, clock: clock))
        registry.add(device)
        return readers.all.count - 1
    }

    /// Notes a message of a source.
    private mutating func heard(_ source: Int) {
        journal.counters.count(received: source)
        guard intake.heard(source), let first = setup.settings.sources.first else { return }
        journal.noteAllSources(first: first.name, count: setup.settings.sources.count)
    }

    /// Acts on a decoder's verdict about a message.
    private mutating func follow(_ verdict: Verdict, device index: Int, origin: Origin) -> [Publication] {
        switch verdict {
        case .fragment: return []
        case .ignored(let kind, let remarks):
            journal.counters.count(ignored: kind, source: readers[index].device.source)
            readers[index].note(remarks)
            sayRemarks(of: index)
            return []
        case .availability(let isOnline):
            // `Online` means that the reader is up, not that its meter sends: a reading will show that.
            guard !isOnline, let meter = registry.lastMeter(of: index) else { return [] }
            let sender = registry.sender(index, setup)
            return delivery.depart(
                &registry.meters[meter], index: meter, sender: sender, at: origin.received, setup, &journal)
        case .rejected(let rejection): return reject(rejection, device: index, origin: origin)
        case .telegrams(let telegrams, let rejected, let remarks):
            if !remarks.isEmpty {
                readers[index].learnLabels(remarks)
                readers[index].note(remarks)
                if registry.meter(of: index) != nil { sayRemarks(of: index) }
            }
            var publications: [Publication] = []
            for telegram in telegrams { publications.add(assemble(telegram, device: index, origin: origin)) }
            sayRemarks(of: index)
            for rejection in rejected { publications += reject(rejection, device: index, origin: origin) }
            return publications
        }
    }

    /// Publishes the dead letter of a message that a decoder could not understand.
    private mutating func reject(_ rejection: Rejection, device index: Int, origin: Origin) -> [Publication] {
        if rejection.reason == .encrypted {
            // This source delivers nothing until the user configures a key; the dead letter alone is easily overlooked.
            let place = setup.settings.sources[readers[index].device.source].place
            journal.say(.encrypted(source: origin.source, place: place, detail: rejection.detail))
        }
        let meter = registry.meter(of: index)
        if let meter { registry.meters[meter].rejects += 1 }
        let id = meter.map { registry.meters[$0].id }
        return deadLetter.take(rejection, origin: origin, meter: id, setup, &journal)
    }

    /// Puts a telegram together with the others of its group, or passes it on.
    private mutating func assemble(_ telegram: Telegram, device sender: Int, origin: Origin) -> [Publication] {
        if let excess = telegram.excess(setup.limits) {
            return deadLetter.take(excess, origin: origin, setup, &journal)
        }
        var index = sender
        if let name = telegram.device {
            let source = readers[sender].device.source
            let name = registry.tenant(of: sender, setup).map { "\($0)/\(name)" } ?? name
            guard let named = self.index(of: Router.Device(source: source, name: name)) else {
                let rejection = noRoom(for: "devices", setup.limits.devices, of: source)
                return deadLetter.take(rejection, origin: origin, setup, &journal)
            }
            index = named
        }
        var publications: [Publication] = []
        if let ended = readers[index].endGroup(before: telegram, limit: setup.limits.registers) {
            publications = place(ended.telegram, device: index, origin: ended.origin)
        }
        if !telegram.isPart {
            publications.add(place(telegram, device: index, origin: origin))
        } else if let whole = readers[index].add(telegram, origin: origin) {
            publications.add(place(whole.telegram, device: index, origin: whole.origin))
        }
        if index != sender { readers.noteOpen(index) }
        return publications
    }

    /// Finds the meter of a telegram and publishes it, or lets it wait for a message that carries the meter's id.
    private mutating func place(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        if registry.mustWait(telegram, device: index, setup),
            readers[index].hold(Reader.Sent(telegram: telegram, origin: origin))
        {
            return []
        }
        guard var publications = bind(telegram, device: index, origin: origin) else {
            let rejection = noRoom(for: "meters", setup.limits.meters, of: readers[index].device.source)
            return deadLetter.take(rejection, origin: origin, setup, &journal)
        }
        if !readers[index].waiting.isEmpty { publications += harmoniseWaiting(index) }
        publications.add(harmonise(telegram, device: index, origin: origin))
        return publications
    }

    /// Nil at the limit of meters.
    private mutating func bind(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication]? {
        guard let events = registry.bind(telegram, device: index, origin: origin, setup, &journal) else { return nil }
        sayRemarks(of: index)
        guard !events.isEmpty else { return [] }
        for case .clockReread(let device) in events { readers[device].clock = ClockWatch() }
        return delivery.react(to: events, &registry.meters, setup, &journal)
    }

    private mutating func harmoniseWaiting(_ index: Int) -> [Publication] {
        readers[index].takeWaiting().flatMap { harmonise($0.telegram, device: index, origin: $0.origin) }
    }

    /// Turns a telegram whose device is placed into a reading, and publishes the results.
    private mutating func harmonise(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        guard let identity = registry.placements[index].identity else { return [] }
        let meter = identity.meter
        let source = readers[index].device.source
        let sender = registry.sender(index, setup)
        var publications: [Publication] = []
        for exchange in registry.meters[meter].learn(telegram, setup.profile) {
            let id = registry.meters[meter].id
            journal.say(.exchangedSubmeter(meter: id, exchange.submeter, former: exchange.former))
            let topics = registry.meters[meter].topics
            publications += setup.harmonized.clear(exchange.ended, on: topics)
            publications += setup.harmonized.clearAliases(exchange.renamed, on: topics)
        }
        if let labels = readers[index].labels { registry.meters[meter].note(labels) }
        let idFix = registry.idFix(for: telegram, device: index, identity: identity, setup)
        let outcome = steps.harmonise(
            telegram, origin: origin, idFix: idFix, sender: sender, source: source, clock: &readers[index].clock,
            meter: &registry.meters[meter], setup, &journal)
        switch outcome {
        case .nothing(let kind):
            journal.counters.count(ignored: kind, source: source)
            return publications
        case .rejected(let rejection):
            return publications + deadLetter.take(rejection, origin: origin, setup, &journal)
        case .reading(let reading):
            journal.counters.count(reading: source)
            registry.meters[meter].readings += 1
            if let memory = telegram.memory { registry.remember(memory, meter: meter) }
            journal.note(reading, name: registry.meters[meter].settings.name, count: registry.meters[meter].readings)
            if !reading.fixes.isEmpty {
                journal.note(
                    reading.fixes, meter: reading.meter, ledger: &registry.meters[meter].ledger, source: sender.source,
                    index: source, at: origin.received)
            }
            if !publishesUnsettled, registry.isUnsettled(reading, device: index) {
                publications.add(setup.harmonized.reading(reading, of: registry.meters[meter]))
                return publications
            }
            publications.add(
                delivery.deliver(
                    reading, of: &registry.meters[meter], index: meter, sender: sender, setup, &journal))
            return publications
        }
    }

    /// Emits what a device holds back, as far as it is due.
    mutating func close(_ index: Int, at now: Timestamp, isForced: Bool) -> [Publication] {
        let groups = setup.profile.groups
        var publications: [Publication] = []
        if let (verdict, origin) = readers[index].abandon(at: now, isForced: isForced, groups) {
            let device = readers[index].device
            let unknown = Origin(
                RawMessage(topic: device.name, payload: [], received: now),
                source: setup.settings.sources[device.source], arrival: Arrival(received: now))
            publications = follow(verdict, device: index, origin: origin ?? unknown)
        }
        if let ended = readers[index].endGroup(at: now, isForced: isForced, groups) {
            publications += place(ended.telegram, device: index, origin: ended.origin)
        }
        if let first = readers[index].waiting.first,
            isForced || first.origin.received + groups.identity <= now
        {
            if let bound = bind(first.telegram, device: index, origin: first.origin) {
                publications += bound + harmoniseWaiting(index)
            } else {
                let rejection = noRoom(for: "meters", setup.limits.meters, of: readers[index].device.source)
                for sent in readers[index].takeWaiting() {
                    publications += deadLetter.take(rejection, origin: sent.origin, setup, &journal)
                }
            }
        }
        readers.noteOpen(index)
        return publications
    }

    /// Reports the remarks of a decoder, unless a waiting telegram may still tell which meter they are about.
    private mutating func sayRemarks(of index: Int) {
        let meter = registry.meter(of: index)
        guard readers[index].hasRemarks, meter != nil || !readers[index].isUndecided else { return }
        let source = setup.settings.sources[readers[index].device.source]
        let subject = meter.map { "meter \(registry.meters[$0].id)" } ?? "source \"\(source.name)\""
        readers[index].sayRemarks(subject: subject, place: source.place, &journal)
    }

    private mutating func noRoom(for what: String, _ limit: Int, of source: Int) -> Rejection {
        let detail = "the source has \(limit) \(what) already; \"limits: {\(what): \(limit)}\" allows no more"
        journal.say(.noRoom(source: setup.settings.sources[source].name, what: what, detail: detail))
        return Rejection(.limit, detail)
    }
}
