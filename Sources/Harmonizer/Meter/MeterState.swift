// SPDX-License-Identifier: Apache-2.0

/// What is known about one metering point: the place that an id names, whichever meter hangs there and whichever devices read it.
///
/// What becomes of a property when the meter is exchanged, gets another id, or turns out to be another one, follows from where the
/// property is: `settings` follow the configuration alone, `instrument` belongs to the meter on the wall and ends with it, and
/// all others belong to the connection and its readers and stay.
struct MeterState: Sendable {
    /// Its id, one topic level.
    var id: String
    var topics: MeterTopics
    /// What the configuration says.
    var settings = MeterSettings()
    /// The instrument that hangs there now.
    var instrument = Instrument()

    // MARK: - The connection

    /// The serial of the instrument as received, decoded; nil while no message carried one. Stays until the next one is read.
    var serial: String?
    /// The instrument that hung here before; nil when none is known.
    @Rare var predecessor: PreviousMeter?
    /// The devices that send for it, the primary first.
    var devices: [Binding] = []
    /// When the primary device last sent.
    var primaryReceived: Timestamp?
    var registers: [RegisterState] = []
    /// When registers were last published under their aliases, by position; empty where that is off.
    var publishedByAlias: [PackedTime] = []
    /// Counters whose last value is that of the instrument before this one.
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
    /// Its quarter-hour demand; nil until a counter that is fine enough was seen.
    @Rare var demand: Demand?
    /// Why it has none; nil while its demand is not computed.
    @Rare var demandWatch: DemandWatch?
    private var positions = OBISPositions()
    private(set) var translations: [Translation] = []
    /// True once two of its M-Bus devices measured the same.
    var hasRivals = false
    /// Every serial number that was shown under this id; empty while its own is the only one.
    private var serials: Set<String> = []
    /// Where the next one is looked for: a meter's messages bring them in the same order.
    private var nextTranslation = 0
    /// Time, clock and arrival of the newest reading.
    var newest: (time: Timestamp, clock: Telegram.Clock, received: Timestamp)?
    /// True when the last message had waited: the time since then is no interval.
    var isPaused = false
    /// When an earlier run of the bridge received its newest reading.
    var heardBefore: Timestamp?
    /// The usual time between two readings.
    var interval: TimeSpan?
    /// The interval that stands in the published `info`.
    var publishedInterval: TimeSpan?
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
    /// Registers that an earlier run computed and this one does not, until the broker is told.
    var retired: [RegisterState] = []
    /// What its decoder has to know after a restart.
    @Rare var memory: SenderMemory?

    /// A metering point of which nothing is known.
    init(id: String, topics: MeterTopics) {
        self.id = id
        self.topics = topics
    }

    /// Another instrument hangs here now, under the same id. The counters of the former one are kept for those who judge what the new
    /// one sends; they carry the quality `previous` until it does.
    ///
    /// - Parameter codes: registers that do not go on.
    mutating func exchange(after former: PreviousMeter, forgetting codes: Set<OBISCode>, _ profile: Profile) {
        instrument = Instrument()
        predecessor = former
        removeRegisters { codes.contains($0.value.obis) }
        demand?.loseTrack()
        forgetTotals()
        for register in registers where profile.isCounter(register.value.obis) {
            previous.insert(register.value.obis)
        }
    }

    /// Takes the id of another metering point, of which nothing is known but its id and its devices; what the configuration says
    /// about that one is still to be taken over.
    mutating func rename(to other: MeterState) {
        id = other.id
        topics = other.topics
        serial = other.serial ?? serial
        devices = other.devices.map { device in devices.first { $0.isSameDevice(device) } ?? device }
        forget { if case .alias = $0 { true } else { false } }
        for translation in other.translations { note(translation) }
        isInfoStale = true
    }

    /// Another metering point turned out to be this one: what is not known here is taken from there.
    mutating func complete(with other: MeterState, _ profile: Profile) {
        instrument.complete(with: other.instrument)
        demand = demand ?? other.demand
        memory = memory ?? other.memory
        for register in other.registers where position(of: register.value.obis) == nil {
            update(register.value, time: register.time, received: register.received, profile: profile)
        }
        for translation in other.translations { note(translation) }
        isInfoStale = true
    }

    func position(of obis: OBISCode) -> Int? { positions[obis] }

    /// The same, looked for at `place` first: a meter's messages bring its registers in the same order.
    func position(of obis: OBISCode, near place: Int) -> Int? {
        place < registers.count && registers[place].value.obis == obis ? place : positions[obis]
    }

    /// The state of a register, nil when it was never seen.
    func register(_ obis: OBISCode) -> RegisterState? {
        guard let position = positions[obis] else { return nil }
        return registers[position]
    }

    /// True once the meter itself sent this register.
    func isSent(_ obis: OBISCode) -> Bool {
        guard let position = positions[obis] else { return false }
        return registers.span[position].isSentByMeter
    }

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
        publishedByAlias = zip(registers, publishedByAlias).filter { !isGone($0.0) }.map(\.1)
        registers.removeAll(where: isGone)
        positions = OBISPositions()
        for (position, register) in zip(UInt16(0)..., registers) { positions.set(register.value.obis, position) }
    }

    /// Meters of one kind send the same registers in the same order: they have one list of where those stand.
    mutating func sharePositions() { Self.pool.share(&positions) }

    private static let pool = OBISPositions.Pool()

    /// A sender that invents codes or serials must not fill the memory, nor `info`.
    private static let translationLimit = 500

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

    /// Notes a serial number; false when it was there before, or when there are too many to tell.
    mutating func noteSerial(_ serial: String) -> Bool {
        if serials.isEmpty {
            // The first becomes its own.
            guard let own = self.serial else { return true }
            if own == serial { return false }
        }
        if let own = self.serial { serials.insert(own) }
        return serials.count < 100 && serials.insert(serial).inserted
    }
}
