// SPDX-License-Identifier: Apache-2.0

/// The road from a raw message to harmonised publications, as a value: it does no input or output, reads no clock and starts
/// no thread, so that every command, test and benchmark runs the very same code as the bridge.
///
/// Router -> decoder (telegrams) -> group (one telegram from several messages) -> identity -> time, units, derived registers
/// -> publications. Everything that is remembered is inside.
public struct Pipeline: Sendable {
    /// What a pipeline is made from.
    public struct Settings: Sendable {
        /// The bridge's name, a topic level.
        public var bridge: String
        /// What is published.
        public var profile: Profile
        /// What is subscribed to.
        public var sources: [Source]
        /// The `meters:` table.
        public var meters: [MeterEntry]
        /// What is taken from a sender.
        public var limits: Limits
        /// The share of the devices that this process handles.
        public var partition: Partition
        /// What is published besides the harmonised profile.
        public var outputs: Outputs
        /// What follows a command that a sentence of the log names, such as ` --config bridge.yaml`.
        public var commandOptions = ""

        /// Makes settings.
        public init(
            bridge: String, profile: Profile, sources: [Source], meters: [MeterEntry] = [], limits: Limits = Limits(),
            partition: Partition = .whole, outputs: Outputs = .harmonized
        ) {
            self.outputs = outputs
            self.bridge = bridge
            self.profile = profile
            self.sources = sources
            self.meters = meters
            self.limits = limits
            self.partition = partition
        }
    }

    var setup: PipelineSetup
    /// What it was made from, or went over to.
    public var settings: Settings { setup.settings }
    var devices: [DeviceState] = []
    var deviceIndices: [Router.Device: Int] = [:]
    /// Topic to device: one look-up for a message instead of a match against every filter.
    var knownTopics: [String: Recipient] = [:]
    var knownTopicsCost = 0
    /// By source.
    var deviceCounts: [Int: Int] = [:]
    var meterCounts: [Int: Int] = [:]
    /// Meters that turned out to be others; their places in `meters` stay.
    var retiredMeters = 0
    var rejects = RejectLimit()
    var meters: [MeterState] = []
    var meterIndices: [String: Int] = [:]
    /// Meters of which the broker keeps what another process published.
    var foreignMeters: Set<String> = []
    /// Devices with something held back.
    var openDevices: Set<Int> = []
    /// Devices that go by their own name, as nobody has told their meter's: one of them may be another's reader.
    var unnamedDevices: Set<Int> = []
    var restored: [Router.Device: RestoredBinding] = [:]
    /// The dead letters of retained messages that could not be read back, and how many there were in all.
    var refusedBaselines: [Publication] = []
    var refusedBaselineCount = 0
    var silence: SilenceWatch
    var queue = QueueWatch()
    var absence = SilenceDeadline()
    /// Since when silence is counted: the first call of `advance`.
    var listeningSince: Timestamp?
    var zoneHints: Set<Int> = []
    var zoneSuspects: [Int: (hours: Int, since: Timestamp)] = [:]
    var outputs: OutputStage
    /// When a meter's momentary values are due for a consumer that has just heard of it.
    var freshValuesDue: [Int: Timestamp] = [:]
    /// True to keep a trace of every step; whoever sets it takes them after each message.
    package var keepsTraces = false
    var traces: [Trace] = []
    /// True to keep the readings as values, besides publishing them; whoever sets it calls `takeReadings` after each message.
    public var keepsReadings = false
    var readings: [Reading] = []
    /// True to keep the age of each reading; whoever sets it takes them after each batch.
    public var keepsReadingAges = false
    private var readingAges: [Int64] = []
    /// True to say what a log should say while all is well: which meters were found, that every source sends, what is rejected.
    public var tellsNews = false
    /// False to publish only the readings of a meter whose id may still come: no state, no bare value and nothing for consumers, who
    /// would get a second meter that goes again. True for a command that reads to the end of a file.
    public var publishesUnsettled = true
    /// Meters that were told.
    var toldMeters = 0
    private var diagnostics: [Diagnostic] = []
    private var said: Set<Diagnostic> = []
    /// What happened so far.
    public internal(set) var counters: Counters

    var profile: Profile { setup.settings.profile }
    var limits: Limits { setup.settings.limits }

    /// Makes an empty pipeline.
    public init(_ settings: Settings) {
        setup = PipelineSetup(settings)
        silence = SilenceWatch(sources: settings.sources)
        outputs = OutputStage(settings.outputs)
        counters = Counters(sources: settings.sources.map(\.name))
    }

    /// Takes one message and returns what is to be published for it, which may be nothing yet.
    public mutating func handle(_ message: RawMessage) -> [Publication] {
        if let publications = consumerBirth(message) {
            counters.count(received: nil)
            counters.publications += publications.count
            return publications
        }
        let index: Int
        switch destination(of: message.topic) {
        case .device(let known): index = known
        case .nobody(let kind):
            counters.count(received: nil)
            counters.count(ignored: kind, source: nil)
            return []
        case .refused(let rejection, let source):
            counters.count(received: source)
            tellHeard(source)
            let publications = reject(
                rejection,
                origin: Origin(message, source: settings.sources[source], arrival: Arrival(message)))
            counters.publications += publications.count
            return publications
        }
        counters.count(received: devices[index].device.source)
        tellHeard(devices[index].device.source)
        let arrival = arrival(of: message, device: index)
        devices[index].lastArrival = message.received
        let verdict: Verdict =
            message.payload.count > limits.payload
            ? .rejected(Rejection(.tooLarge, "\(message.payload.count) bytes, more than \(limits.payload)"))
            : devices[index].decoder.decode(message, context: setup.context)
        if keepsTraces { trace(.message(message, device: devices[index].device.name, verdict: verdict)) }
        let source = devices[index].device.source
        let origin = Origin(
            message, source: setup.settings.sources[source].name, adapter: setup.adapterNames[source], arrival: arrival)
        if devices[index].decoder.openSince != nil {
            devices[index].openOrigin = origin.shortened
        } else if devices[index].openOrigin != nil {
            devices[index].openOrigin = nil
        }
        let publications = process(verdict, device: index, origin: origin)
        return done(publications, device: index, at: message.received)
    }

    /// Emits what has waited long enough.
    public mutating func advance(to now: Timestamp) -> [Publication] {
        for diagnostic in silence.advance(to: now) { say(diagnostic) }
        var publications = advancePresence(to: now) + freshValues(at: now)
        for index in openDevices.sorted() {
            guard let deadline = devices[index].deadline(profile.groups), deadline <= now else { continue }
            publications += close(index, at: now, isForced: false)
        }
        publications += rejectSummaries(at: now)
        counters.publications += publications.count
        return publications
    }

    /// Emits everything that is held back: at a limit, at shutdown, at the end of a file.
    public mutating func flush(at now: Timestamp) -> [Publication] {
        var publications = openDevices.sorted().flatMap { close($0, at: now, isForced: true) }
        publications += rejectSummaries(at: now, isForced: true)
        counters.publications += publications.count
        return publications
    }

    /// When `advance` has something to do: a telegram to end, values that a consumer waits for, or a meter that is silent for
    /// too long; nil when nothing is awaited. Only `hasOpenGroups` says whether something is held back.
    public var nextDeadline: Timestamp? {
        var earliest = absence.next
        for index in openDevices {
            guard let deadline = devices[index].deadline(profile.groups) else { continue }
            earliest = min(earliest ?? deadline, deadline)
        }
        for due in freshValuesDue.values { earliest = min(earliest ?? due, due) }
        return earliest
    }

    /// True while a message was taken whose result is not published yet: its acknowledgement has to wait.
    public var hasOpenGroups: Bool { !openDevices.isEmpty }

    /// What people should read since the last call.
    public mutating func takeDiagnostics() -> [Diagnostic] {
        defer { diagnostics = [] }
        return diagnostics
    }

    /// The readings since the last call, oldest first: what `…/reading` says, as values. Always empty unless `keepsReadings`.
    public mutating func takeReadings() -> [Reading] {
        defer { readings = [] }
        return readings
    }

    /// Notes a diagnostic unless it was said before.
    mutating func say(_ diagnostic: Diagnostic) {
        // A sender that invents labels must fill neither the memory nor the log with sentences about them.
        guard said.count < Self.diagnosticsLimit, said.insert(diagnostic).inserted else { return }
        diagnostics.append(diagnostic)
        if said.count == Self.diagnosticsLimit {
            diagnostics.append(Diagnostic(.warning, "too many different remarks: no more of them are said"))
        }
    }

    private static let diagnosticsLimit = 2000

    /// Notes a diagnostic that may have been said before.
    mutating func tell(_ diagnostic: Diagnostic) {
        // Whoever takes no diagnostics must not fill the memory with them.
        if diagnostics.count < 10_000 { diagnostics.append(diagnostic) }
    }

    /// How old the readings since the last call were when they came, in milliseconds; none without `keepsReadingAges`.
    public mutating func takeReadingAges() -> [Int64] {
        guard !readingAges.isEmpty else { return [] }
        defer { readingAges = [] }
        return readingAges
    }

    /// Notes the age of a reading that has a time of its own.
    mutating func noteAge(of reading: Reading) {
        guard keepsReadingAges, reading.clock != .bridge, readingAges.count < 10_000 else { return }
        readingAges.append(max(0, reading.received.milliseconds(since: reading.time)))
    }

    // MARK: - Devices

    func source(of index: Int) -> Source { setup.settings.sources[devices[index].device.source] }

    /// Where the clock of a device stands.
    func zone(of index: Int) -> Zone { setup.settings.sources[devices[index].device.source].zone }

    /// What happens for each rule in the messages of a device.
    func policies(of index: Int) -> FixPolicies { setup.policies[devices[index].device.source] }

    /// What to do where `rule` applies to a message of a device.
    func policy(_ rule: Fix.Rule, device index: Int) -> FixPolicy { policies(of: index).policy(rule) }

    private mutating func done(_ publications: consuming [Publication], device index: Int, at now: Timestamp)
        -> [Publication]
    {
        updateOpen(index)
        if openDevices.count > limits.openGroups { publications += relieve(at: now) }
        counters.publications += publications.count
        return publications
    }

    /// Goes over to other settings; what is remembered of devices and meters is the caller's to adapt.
    mutating func adopt(_ new: Settings) {
        setup = PipelineSetup(new)
        outputs = OutputStage(new.outputs, published: outputs.published)
        counters.follow(new.sources.map(\.name))
        silence = SilenceWatch(sources: new.sources)
        zoneHints = []
        // What is a filler is the profile's to say.
        for index in devices.indices { devices[index].identity?.isPlain = false }
        zoneSuspects = [:]
    }

    /// Replaces the devices: those that are kept, under the index that they have from now on.
    mutating func replaceDevices(_ kept: [DeviceState]) {
        devices = kept
        deviceIndices = Dictionary(kept.enumerated().map { ($1.device, $0) }) { first, _ in first }
        knownTopics = [:]
        knownTopicsCost = 0
        deviceCounts = Dictionary(kept.map { ($0.device.source, 1) }, uniquingKeysWith: +)
        let known = Set(kept.compactMap { device in device.identity.map { [device.device.source, $0.meter] } })
        meterCounts = Dictionary(known.map { ($0[0], 1) }, uniquingKeysWith: +)
        openDevices = Set(kept.indices.filter { kept[$0].isOpen })
        unnamedDevices = Set(kept.indices.filter { kept[$0].identity?.isCertain == false })
        for device in kept where device.lastArrival.seconds > 0 { silence.heard(device.device.source) }
    }

    mutating func updateOpen(_ index: Int) {
        if devices[index].isOpen {
            openDevices.insert(index)
        } else if !openDevices.isEmpty {
            openDevices.remove(index)
        }
    }
}
