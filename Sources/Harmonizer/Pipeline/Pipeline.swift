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
        /// The share of the devices that this process handles.
        public var partition: Partition
        /// What is published besides the harmonised profile.
        public var outputs: Outputs

        /// Makes settings.
        public init(
            bridge: String, profile: Profile, sources: [Source], meters: [MeterEntry] = [],
            partition: Partition = .whole, outputs: Outputs = .harmonized
        ) {
            self.outputs = outputs
            self.bridge = bridge
            self.profile = profile
            self.sources = sources
            self.meters = meters
            self.partition = partition
        }
    }

    /// What it was made from, or went over to.
    public private(set) var settings: Settings
    private(set) var router: Router
    private(set) var context: DecodingContext
    /// What happens for each rule, by source.
    private var policies: [FixPolicies]
    var devices: [DeviceState] = []
    var deviceIndices: [Router.Device: Int] = [:]
    /// Topic to device: one look-up for a message instead of a match against every filter.
    private(set) var knownTopics: [String: Recipient] = [:]
    var meters: [MeterState] = []
    var meterIndices: [String: Int] = [:]
    /// Meters of which the broker keeps what another process published.
    var foreignMeters: Set<String> = []
    /// Devices with something held back.
    private(set) var openDevices: Set<Int> = []
    var restored: [Router.Device: RestoredBinding] = [:]
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
    private var diagnostics: [Diagnostic] = []
    private var said: Set<Diagnostic> = []
    /// What happened so far.
    public internal(set) var counters = Counters()

    var profile: Profile { settings.profile }

    /// Makes an empty pipeline.
    public init(_ settings: Settings) {
        self.settings = settings
        router = Router(settings.sources)
        policies = settings.sources.map { settings.profile.policies.overlaid(with: $0.policies) }
        context = DecodingContext(keepsRaw: settings.profile.keepsRaw)
        silence = SilenceWatch(sources: settings.sources)
        outputs = OutputStage(settings.outputs)
    }

    /// No reader sends a hundredth of this.
    static let payloadLimit = 1 << 20

    /// Takes one message and returns what is to be published for it, which may be nothing yet.
    public mutating func handle(_ message: RawMessage) -> [Publication] {
        counters.received += 1
        if let publications = consumerBirth(message) {
            counters.publications += publications.count
            return publications
        }
        let index: Int
        switch recipient(of: message.topic) {
        case .device(let device): index = device
        case .otherPartition:
            counters.count(ignored: "other-partition")
            return []
        case .nobody:
            counters.count(ignored: "no-source")
            return []
        }
        silence.heard(devices[index].device.source)
        let arrival = arrival(of: message, device: index)
        devices[index].lastArrival = message.received
        let verdict: Verdict =
            message.payload.count > Self.payloadLimit
            ? .rejected(Rejection(.tooLarge, "more than \(Self.payloadLimit) bytes"))
            : devices[index].decoder.decode(message, context: context)
        let origin = Origin(
            source: source(of: index).name, adapter: source(of: index).adapter.name, topic: message.topic,
            payload: message.payload, arrival: arrival)
        devices[index].openMessage = devices[index].decoder.openSince == nil ? nil : message
        let publications = process(verdict, device: index, origin: origin)
        return done(publications, device: index)
    }

    /// Emits what has waited long enough.
    public mutating func advance(to now: Timestamp) -> [Publication] {
        for diagnostic in silence.advance(to: now) { say(diagnostic) }
        var publications = advancePresence(to: now) + freshValues(at: now)
        for index in openDevices.sorted() {
            guard let deadline = devices[index].deadline(profile.groups), deadline <= now else { continue }
            publications += close(index, at: now, isForced: false)
        }
        counters.publications += publications.count
        return publications
    }

    /// Emits everything that is held back: at a limit, at shutdown, at the end of a file.
    public mutating func flush(at now: Timestamp) -> [Publication] {
        let publications = openDevices.sorted().flatMap { close($0, at: now, isForced: true) }
        counters.publications += publications.count
        return publications
    }

    /// When `advance` has something to do: a telegram to end, values that a consumer waits for, or a meter that is silent for
    /// too long; nil when nothing is awaited. Only `hasOpenGroups` says whether something is held back.
    public var nextDeadline: Timestamp? {
        let deadlines = openDevices.compactMap { devices[$0].deadline(profile.groups) } + freshValuesDue.values
        return (deadlines + [absence.next].compactMap(\.self)).min()
    }

    /// True while a message was taken whose result is not published yet: its acknowledgement has to wait.
    public var hasOpenGroups: Bool { !openDevices.isEmpty }

    /// What people should read since the last call.
    public mutating func takeDiagnostics() -> [Diagnostic] {
        defer { diagnostics = [] }
        return diagnostics
    }

    /// Notes a diagnostic unless it was said before.
    mutating func say(_ diagnostic: Diagnostic) {
        // A sender that invents labels must not fill the memory with sentences about them.
        guard said.count < 10_000, said.insert(diagnostic).inserted else { return }
        diagnostics.append(diagnostic)
    }

    /// Notes a diagnostic that may have been said before.
    mutating func tell(_ diagnostic: Diagnostic) {
        // Whoever takes no diagnostics must not fill the memory with them.
        if diagnostics.count < 10_000 { diagnostics.append(diagnostic) }
    }

    // MARK: - Devices

    func source(of index: Int) -> Source { settings.sources[devices[index].device.source] }

    /// What happens for each rule in the messages of a device.
    func policies(of index: Int) -> FixPolicies { policies[devices[index].device.source] }

    /// What to do where `rule` applies to a message of a device.
    func policy(_ rule: Fix.Rule, device index: Int) -> FixPolicy { policies(of: index).policy(rule) }

    /// Whom a message is for.
    enum Recipient: Sendable {
        case device(Int)
        case otherPartition
        case nobody
    }

    mutating func recipient(of topic: String) -> Recipient {
        if let known = knownTopics[topic] { return known }
        guard let device = router.device(topic) else { return .nobody }
        let recipient: Recipient =
            settings.partition.contains(device: device.name) ? .device(index(of: device)) : .otherPartition
        if knownTopics.count < 200_000 { knownTopics[topic] = recipient }
        return recipient
    }

    mutating func index(of device: Router.Device) -> Int {
        if let index = deviceIndices[device] { return index }
        devices.append(
            DeviceState(device: device, decoder: settings.sources[device.source].adapter.makeDecoder()))
        deviceIndices[device] = devices.count - 1
        if let clock = restored[device]?.clock {
            devices[devices.count - 1].clock = ClockWatch(learned: clock * 1000)
        }
        devices[devices.count - 1].serials = DeviceSerials(restored[device]?.serials ?? [])
        return devices.count - 1
    }

    private mutating func done(_ publications: [Publication], device index: Int) -> [Publication] {
        updateOpen(index)
        counters.publications += publications.count
        return publications
    }

    /// Goes over to other settings; what is remembered of devices and meters is the caller's to adapt.
    mutating func adopt(_ new: Settings) {
        settings = new
        router = Router(new.sources)
        policies = new.sources.map { new.profile.policies.overlaid(with: $0.policies) }
        context = DecodingContext(keepsRaw: new.profile.keepsRaw)
        outputs = OutputStage(new.outputs)
        silence = SilenceWatch(sources: new.sources)
        zoneHints = []
        zoneSuspects = [:]
    }

    /// Replaces the devices: those that are kept, under the index that they have from now on.
    mutating func replaceDevices(_ kept: [DeviceState]) {
        devices = kept
        deviceIndices = Dictionary(kept.enumerated().map { ($1.device, $0) }) { first, _ in first }
        knownTopics = [:]
        openDevices = Set(kept.indices.filter { kept[$0].isOpen })
        for device in kept where device.lastArrival.seconds > 0 { silence.heard(device.device.source) }
    }

    mutating func updateOpen(_ index: Int) {
        if devices[index].isOpen { openDevices.insert(index) } else { openDevices.remove(index) }
    }
}
