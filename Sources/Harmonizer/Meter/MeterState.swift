// SPDX-License-Identifier: Apache-2.0

/// The state of one metering point: the place that an id names, whichever meter is installed and whichever devices read
/// it.
///
/// Where a property is decides what happens to it when the meter is exchanged, gets another id, or turns out to be
/// another one: `settings` follow the configuration alone, `instrument` belongs to the installed meter and ends with
/// it, and all others belong to the connection and its readers and stay.
struct MeterState: Sendable {
    /// Its id, one topic level.
    var id: String
    var topics: MeterTopics
    /// The configuration of this metering point.
    var settings = MeterSettings()
    /// The instrument that is installed now.
    var instrument = Instrument()

    // MARK: - The connection

    /// The serial of the instrument as received, decoded; nil while no message carried one. It stays until the next one
    /// is read.
    var serial: String?
    /// The previous instrument; nil when none is known.
    @Rare var predecessor: PreviousMeter?
    /// The devices that send for it, the primary first.
    var devices: [Binding] = []
    /// When the primary device last sent.
    var primaryReceived: Timestamp?
    var registers: [RegisterState] = []
    /// When registers were last published under their aliases, by position; empty while that is off.
    var publishedByAlias: [PackedTime] = []
    /// Counters whose last value is that of the previous instrument.
    var previous: Set<OBISCode> = []
    /// Counters whose last value was read in another way than the next one will be.
    var reread: Set<OBISCode> = []
    /// True when that applies to everything that an earlier run left.
    var isReread = false
    /// True when that applies to its clock.
    var isClockReread = false
    private(set) var phases: Phases = []
    /// Compares its powers, voltages and currents with each other.
    var scales = ScaleWatch()
    /// Its quarter-hour demand; nil until a counter that is fine enough was seen.
    @Rare var demand: Demand?
    /// Finds out why it has no demand; nil while its demand is not computed.
    @Rare var demandWatch: DemandWatch?
    private var positions = OBISPositions()
    private(set) var translations: [Translation] = []
    /// True once two of its M-Bus devices measured the same medium.
    var hasRivals = false
    /// Every serial number received under this id; empty while its own is the only one.
    private var serials: Set<String> = []
    /// Where the next translation is looked for: a meter's messages bring them in the same order.
    private var nextTranslation = 0
    /// Time, clock and arrival of the newest reading.
    var newest: (time: Timestamp, clock: Telegram.Clock, received: Timestamp)?
    /// True when the last message had waited: the time since then does not count as an interval.
    var isPaused = false
    /// When an earlier run of the bridge received its newest reading.
    var heardBefore: Timestamp?
    /// The usual time between two readings.
    var interval: TimeSpan?
    /// The interval in the published `info`.
    var publishedInterval: TimeSpan?
    /// Whether it is online; nil until something was published.
    var isOnline: Bool?
    /// Readings made since the start.
    var readings = 0
    /// When `state` was published; set only when the profile limits how often.
    var statePublished: Timestamp?
    /// How often it fell silent since the start.
    var silences = 0
    /// Messages of its readers that were not understood.
    var rejects = 0
    /// The repairs that its messages needed.
    var ledger = FixLedger()
    /// True when `info` has to be published again.
    var isInfoStale = true {
        didSet { if isInfoStale { isDescriptionStale = true } }
    }
    /// True when the outputs' descriptions of the meter have to be published again.
    var isDescriptionStale = true
    /// Registers that an earlier run computed and this one does not, until the broker's copies are cleared.
    var retired: [RegisterState] = []
    /// What its decoder has to know after a restart.
    @Rare var memory: SenderMemory?

    /// Makes a metering point of which nothing is known.
    init(id: String, topics: MeterTopics) {
        self.id = id
        self.topics = topics
    }

    /// Records that another instrument is installed under the same id. The counters of the former one are kept for
    /// judging what the new one sends; they carry the quality `previous` until it sends its own.
    ///
    /// - Parameter codes: registers that do not continue.
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

    /// Takes the id of another metering point, of which only the id and the devices are known. The caller then has to
    /// apply the configuration of that metering point.
    mutating func rename(to other: MeterState) {
        id = other.id
        topics = other.topics
        serial = other.serial ?? serial
        devices = other.devices.map { device in devices.first { $0.isSameDevice(device) } ?? device }
        forget { if case .alias = $0 { true } else { false } }
        for translation in other.translations { note(translation) }
        isInfoStale = true
    }

    /// Merges another metering point that turned out to be this one: what is unknown here is taken from `other`.
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

    /// The position of a register, looked for at `place` first: a meter's messages bring its registers in the same
    /// order.
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

    /// Removes some registers.
    mutating func removeRegisters(where isGone: (RegisterState) -> Bool) {
        publishedByAlias = zip(registers, publishedByAlias).filter { !isGone($0.0) }.map(\.1)
        registers.removeAll(where: isGone)
        positions = OBISPositions()
        for (position, register) in zip(UInt16(0)..., registers) { positions.set(register.value.obis, position) }
    }

    /// Shares the list of positions: meters of one kind send the same registers in the same order and have equal lists.
    mutating func sharePositions() { Self.pool.share(&positions) }

    private static let pool = OBISPositions.Pool()

    /// A sender that invents codes or serials must not fill the memory, nor `info`.
    private static let translationLimit = 500

    /// Records a translation once.
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

    /// The dictionary that was guessed for its labels; nil when one is configured, or none was needed.
    var guessedLabels: String? {
        for case .labels(let name, true) in translations { return name }
        return nil
    }

    /// Removes translations that do not apply any more.
    mutating func forget(_ isGone: (Translation) -> Bool) {
        guard translations.contains(where: isGone) else { return }
        translations.removeAll(where: isGone)
        nextTranslation = 0
        isInfoStale = true
    }

    /// Forgets the comparison of its powers, voltages and currents.
    mutating func forgetScales() { scales = ScaleWatch() }

    /// Records a serial number; false when it is known already, or when there are too many to tell.
    mutating func noteSerial(_ serial: String) -> Bool {
        if serials.isEmpty {
            // The first serial becomes the meter's own.
            guard let own = self.serial else { return true }
            if own == serial { return false }
        }
        if let own = self.serial { serials.insert(own) }
        return serials.count < 100 && serials.insert(serial).inserted
    }
}
