// SPDX-License-Identifier: Apache-2.0

/// Everything that is remembered about one meter.
struct MeterState: Sendable {
    /// Its id, one topic level.
    var id: String
    var topics: MeterTopics
    /// Its serial as received, decoded; nil while no message carried one.
    var serial: String?
    /// The meter that stood here before; nil when none is known.
    var predecessor: PreviousMeter?
    /// Whether two meters send under its id.
    var collisions = CollisionWatch()
    /// Its name for people, from `meters:`.
    var name: String?
    /// Where its clock stands, from `meters:`; nil for the zone of its source.
    var zone: Zone?
    var model: MeterModel?
    var submeters: [Submeter] = []
    /// The devices that send for it, the primary first.
    var devices: [Binding] = []
    /// When the primary device last sent.
    var primaryReceived: Timestamp?
    var registers: [RegisterState] = []
    /// Values of counters that are not believed yet.
    var held: [OBISCode: HeldCounter] = [:]
    /// Counters whose last value is that of the meter before this one.
    var previous: Set<OBISCode> = []
    /// Counters whose last value was read in another way than the next one will be.
    var reread: Set<OBISCode> = []
    /// True when that is so of all that an earlier run left.
    var isReread = false
    /// The same for its clock.
    var isClockReread = false
    private(set) var phases: Phases = []
    /// What its powers, voltages and currents say about each other.
    var scales = ScaleWatch()
    /// Whether it nets its phases.
    var netting = Netting()
    /// What its totals are made of.
    var totals = Totals()
    /// Its quarter-hour demand; nil until a counter that is fine enough was seen.
    var demand: Demand?
    /// W that a monthly peak of it counts at least; nil while its demand is not computed.
    var demandFloor: ExactDecimal?
    /// The factor of its current transformers.
    var ct = ExactDecimal(1)
    /// The power in W that its connection allows, from `meters:`; nil for the profile's.
    var maxPower: ExactDecimal?
    private var positions = OBISPositions()
    private(set) var translations: [Translation] = []
    /// The ids that its M-Bus devices had, by channel.
    private var submeterIDs: [Int: Set<String>] = [:]
    /// Every serial number that was shown under this id.
    private var serials: Set<String> = []
    /// Where the next one is looked for: a meter's messages bring them in the same order.
    private var nextTranslation = 0
    /// Time, clock and arrival of the newest reading.
    var newest: (time: Timestamp, clock: Telegram.Clock, received: Timestamp)?
    /// True when the last message had waited: the time since then is no interval.
    var isPaused = false
    /// How long the meter's own clock shows the same.
    var clockStillness: Stillness?
    /// When an earlier run of the bridge received its newest reading.
    var heardBefore: Timestamp?
    /// The newest time of the meter's or reader's own clock.
    var order = OrderWatch()
    /// The usual time between two readings in milliseconds.
    var interval: Int64?
    /// The interval that stands in the published `info`.
    var publishedInterval: Int64?
    /// Nil until something was published.
    var isOnline: Bool?
    /// Readings made since the start.
    var readings = 0
    /// When `state` was published, where the profile limits how often.
    var statePublished: Timestamp?
    /// How often it fell silent since the start.
    var silences = 0
    /// Messages of its readers that were not understood.
    var rejects = 0
    /// The repairs that they needed.
    var ledger = FixLedger()
    /// True when `info` has to be published again.
    var isInfoStale = true {
        didSet { if isInfoStale { isDescriptionStale = true } }
    }
    /// The same for what the outputs say about the meter.
    var isDescriptionStale = true
    /// What its decoder has to know after a restart.
    var memory: SenderMemory?

    /// A device that sends for a meter: what survives a restart through the retained `info`.
    struct Binding: Sendable, Hashable {
        var source: String
        var device: String
        var adapter: String
        var topic: String
        /// `Source.reads` of its source; empty when an earlier version bound it.
        var reads = ""
        /// Seconds that its clock is ahead; nil while it is right or unknown.
        var clock: Int64?
        /// True for the name under which a reader sends that lost its meter's id for a while.
        var isFallback = false
        /// The serials of its payloads, when there were several.
        var serials: [String] = []
        /// Whether it is there.
        var presence = Presence()
    }

    init(id: String, topics: MeterTopics) {
        self.id = id
        self.topics = topics
    }

    func position(of obis: OBISCode) -> Int? { positions[obis] }

    /// The same, looked for at `place` first: a meter's messages bring its registers in the same order.
    func position(of obis: OBISCode, near place: Int) -> Int? {
        place < registers.count && registers[place].value.obis == obis ? place : positions[obis]
    }

    /// The state of a register, nil when it was never seen.
    func register(_ obis: OBISCode) -> RegisterState? { positions[obis].map { registers[$0] } }

    /// True once the meter itself sent this register.
    func isSent(_ obis: OBISCode) -> Bool { positions[obis].map { registers[$0].isSentByMeter } ?? false }

    /// Adds a register that was not seen before.
    mutating func add(_ register: RegisterState) {
        guard let position = UInt16(exactly: registers.count) else { return }
        positions.set(register.value.obis, position)
        phases.formUnion(Phases(of: register.value.obis))
        registers.append(register)
        isInfoStale = true
    }

    /// Forgets some registers.
    mutating func removeRegisters(where isGone: (RegisterState) -> Bool) {
        registers.removeAll(where: isGone)
        positions = OBISPositions()
        for (position, register) in zip(UInt16(0)..., registers) { positions.set(register.value.obis, position) }
    }

    /// Changes what is known of a device.
    mutating func update(source: String, device: String, _ change: (inout Binding) -> Void) {
        guard let index = devices.firstIndex(where: { $0.source == source && $0.device == device }) else { return }
        let before = devices[index]
        change(&devices[index])
        if devices[index] != before { isInfoStale = true }
    }

    /// A sender that invents codes or serials must not fill the memory, nor `info`.
    private static let translationLimit = 500
    var registerLimit = Limits().registers

    /// Notes a translation the first time.
    mutating func note(_ translation: Translation) {
        if nextTranslation < translations.count, translations[nextTranslation] == translation {
            nextTranslation += 1
        } else if let known = translations.firstIndex(of: translation) {
            nextTranslation = known + 1
        } else if translations.count < Self.translationLimit {
            translations.append(translation)
            isInfoStale = true
        }
    }

    /// The dictionary that was guessed for its labels; nil where one is named, or none was needed.
    var guessedLabels: String? {
        for case .labels(let name, true) in translations { return name }
        return nil
    }

    /// Forgets translations that do not go on.
    mutating func forget(_ isGone: (Translation) -> Bool) {
        guard translations.contains(where: isGone) else { return }
        translations.removeAll(where: isGone)
        nextTranslation = 0
        isInfoStale = true
    }

    /// Forgets what its powers, voltages and currents said about each other.
    mutating func forgetScales() { scales = ScaleWatch() }

    /// Notes a device the first time.
    mutating func bind(_ binding: Binding) {
        if let known = devices.firstIndex(where: { $0.isSameDevice(binding) }) {
            // What the configuration says may have changed since the broker kept it.
            if devices[known].reads != binding.reads, !binding.reads.isEmpty {
                devices[known].reads = binding.reads
                isInfoStale = true
            }
            return
        }
        // Another filter names the devices behind the same topics in another way: one that this run has not heard is this one.
        if let same = devices.firstIndex(where: {
            $0.topic == binding.topic && !$0.isFallback && $0.presence.heard == nil && !$0.topic.isEmpty
        }) {
            (devices[same].source, devices[same].device) = (binding.source, binding.device)
            (devices[same].adapter, devices[same].reads) = (binding.adapter, binding.reads)
            isInfoStale = true
            return
        }
        guard devices.count < Limits.devicesOfMeter else { return }
        devices.append(binding)
        isInfoStale = true
    }

    /// Remembers how far a device's clock is ahead, in seconds.
    ///
    /// - Returns: false when that was known, give or take what messages vary.
    mutating func setClock(_ seconds: Int64?, source: String, device: String) -> Bool {
        guard let index = devices.firstIndex(where: { $0.source == source && $0.device == device }) else {
            return false
        }
        if let known = devices[index].clock, let seconds, abs(known - seconds) < 60 { return false }
        guard devices[index].clock != seconds else { return false }
        devices[index].clock = seconds
        isInfoStale = true
        return true
    }

    /// Notes a serial number; false when it was there before, or when there are too many to tell.
    mutating func noteSerial(_ serial: String) -> Bool {
        if let own = self.serial { serials.insert(own) }
        return serials.count < 100 && serials.insert(serial).inserted
    }

    /// Takes over the facts of a meter that turned out to be this one.
    mutating func adopt(_ other: MeterState) {
        model = model ?? other.model
        if submeters.isEmpty { submeters = other.submeters }
        if netting == Netting() { netting = other.netting }
        if totals == Totals() { totals = other.totals }
        demand = demand ?? other.demand
        memory = memory ?? other.memory
        isInfoStale = true
    }

    /// Takes in the facts of a telegram that are no registers.
    ///
    /// - Returns: the M-Bus devices that stand where others stood.
    mutating func learn(_ telegram: Telegram, _ profile: @autoclosure () -> Profile) -> [SubmeterExchange] {
        if let model = telegram.model, model != self.model {
            self.model = model
            isInfoStale = true
        }
        guard !telegram.submeters.isEmpty, telegram.submeters != submeters else { return [] }
        let profile = profile()
        let exchanges = telegram.submeters.compactMap { exchange(for: $0, telegram, profile) }
        submeters = telegram.submeters
        isInfoStale = true
        nameRegisters(profile)
        return exchanges
    }

    /// A gas, water or heat meter is exchanged on its own: its counters begin anew under the same codes.
    private mutating func exchange(
        for submeter: Submeter, _ telegram: Telegram, _ profile: Profile
    ) -> SubmeterExchange? {
        guard let id = submeter.id else { return nil }
        let former = submeters.first { $0.channel == submeter.channel }?.id
        var known = submeterIDs[submeter.channel] ?? []
        if let former { known.insert(former) }
        // One that comes back was not exchanged: nobody puts an old meter back, but bits get lost.
        let isNew = known.count < Self.submeterIDLimit && known.insert(id).inserted
        submeterIDs[submeter.channel] = known
        guard let former, isNew else { return nil }
        let sent = Set(telegram.observations.map(\.obis.canonical))
        let codes = registers.map(\.value.obis).filter { $0.a == 0 && Int($0.b) == submeter.channel }
        for code in codes {
            held[code] = nil
            if profile.isCounter(code) { previous.insert(code) }
        }
        // What the new one does not send at once would pass for its own.
        let gone = Set(codes).subtracting(sent)
        let ended = registers.filter { gone.contains($0.value.obis) }
        removeRegisters { gone.contains($0.value.obis) }
        previous.subtract(gone)
        return SubmeterExchange(submeter: submeter, former: former, ended: ended)
    }

    /// Another meter has other devices behind it.
    mutating func forgetSubmeterIDs() { submeterIDs = [:] }

    /// Ids of one channel; a payload may invent them without end.
    private static let submeterIDLimit = 20
}

/// Another M-Bus device on the channel of a former one.
struct SubmeterExchange {
    let submeter: Submeter
    let former: String
    /// Registers of the former one that are not true any more.
    let ended: [RegisterState]
}
