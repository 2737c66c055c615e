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

        /// Makes settings.
        public init(bridge: String, profile: Profile, sources: [Source], meters: [MeterEntry] = []) {
            self.bridge = bridge
            self.profile = profile
            self.sources = sources
            self.meters = meters
        }
    }

    let settings: Settings
    let router: Router
    let context: DecodingContext
    /// What happens for each rule, by source.
    private let policies: [FixPolicies]
    var devices: [DeviceState] = []
    var deviceIndices: [Router.Device: Int] = [:]
    /// Topic to device: one look-up for a message instead of a match against every filter.
    private var knownTopics: [String: Int] = [:]
    var meters: [MeterState] = []
    var meterIndices: [String: Int] = [:]
    /// Devices with something held back.
    private var openDevices: Set<Int> = []
    var restored: [Router.Device: RestoredBinding] = [:]
    var silence: SilenceWatch
    var queue = QueueWatch()
    var absence = SilenceDeadline()
    /// Since when silence is counted: the first call of `advance`.
    var listeningSince: Timestamp?
    var zoneHints: Set<Int> = []
    var zoneSuspects: [Int: (hours: Int, since: Timestamp)] = [:]
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
    }

    /// No reader sends a hundredth of this.
    static let payloadLimit = 1 << 20

    /// Takes one message and returns what is to be published for it, which may be nothing yet.
    public mutating func handle(_ message: RawMessage) -> [Publication] {
        counters.received += 1
        guard let index = device(of: message.topic) else {
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
        var publications = advancePresence(to: now)
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

    /// When `advance` has something to do: a telegram to end, or a meter that is silent for too long; nil when nothing is
    /// awaited. Only `hasOpenGroups` says whether something is held back.
    public var nextDeadline: Timestamp? {
        [openDevices.compactMap { devices[$0].deadline(profile.groups) }.min(), absence.next].compactMap(\.self).min()
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

    private mutating func device(of topic: String) -> Int? {
        if let index = knownTopics[topic] { return index }
        guard let device = router.device(topic) else { return nil }
        let index = self.index(of: device)
        if knownTopics.count < 200_000 { knownTopics[topic] = index }
        return index
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

    mutating func updateOpen(_ index: Int) {
        if devices[index].isOpen { openDevices.insert(index) } else { openDevices.remove(index) }
    }
}
