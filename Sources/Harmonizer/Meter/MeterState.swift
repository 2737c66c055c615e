// SPDX-License-Identifier: Apache-2.0

/// Everything that is remembered about one meter.
struct MeterState: Sendable {
    /// Its id, one topic level.
    var id: String
    var topics: MeterTopics
    /// Its serial as received, decoded; nil while no message carried one.
    var serial: String?
    /// The meter that stood here before; nil when none is known.
    @Rare var predecessor: PreviousMeter?
    /// Whether two meters send under its id.
    var collisions: CollisionWatch
    /// Its name for people, from `meters:`.
    var name: String?
    /// What it measures, from `meters:`.
    var role: MeterRole?
    /// What its tariffs are called; nil where nobody said it.
    var tariffNames: TariffNames?
    /// Where its clock stands, from `meters:`; nil for the zone of its source.
    var zone: Zone?
    var model: MeterModel?
    var submeters: [Submeter]
    /// The devices that send for it, the primary first.
    var devices: [Binding]
    /// When the primary device last sent.
    var primaryReceived: Timestamp?
    var registers: [RegisterState]
    /// When registers were last published under their aliases, by position; empty where that is off.
    var publishedByAlias: [PackedTime]
    /// Values of counters that are not believed yet.
    var held: [OBISCode: HeldCounter]
    /// Counters whose last value is that of the meter before this one.
    var previous: Set<OBISCode>
    /// Counters whose last value was read in another way than the next one will be.
    var reread: Set<OBISCode>
    /// True when that is so of all that an earlier run left.
    var isReread: Bool
    /// The same for its clock.
    var isClockReread: Bool
    private(set) var phases: Phases
    /// What its powers, voltages and currents say about each other.
    var scales: ScaleWatch
    /// Whether it nets its phases.
    var netting: Netting
    /// What its totals are made of.
    var totals: Totals
    /// Its quarter-hour demand; nil until a counter that is fine enough was seen.
    @Rare var demand: Demand?
    /// Why it has none; nil while its demand is not computed.
    @Rare var demandWatch: DemandWatch?
    /// W that a monthly peak of it counts at least; nil while its demand is not computed.
    var demandFloor: ExactDecimal?
    /// The factor of its current transformers.
    var ct: ExactDecimal
    /// The power in W that its connection allows, from `meters:`; nil for the profile's.
    var maxPower: ExactDecimal?
    private var positions: OBISPositions
    private(set) var translations: [Translation]
    /// The ids that its M-Bus devices had, by channel.
    var submeterIDs: [Int: Set<String>]
    /// True once two of its M-Bus devices measured the same.
    var hasRivals: Bool
    /// Every serial number that was shown under this id; empty while its own is the only one.
    private var serials: Set<String>
    /// Where the next one is looked for: a meter's messages bring them in the same order.
    private var nextTranslation: Int
    /// Time, clock and arrival of the newest reading.
    var newest: (time: Timestamp, clock: Telegram.Clock, received: Timestamp)?
    /// True when the last message had waited: the time since then is no interval.
    var isPaused: Bool
    /// How long the meter's own clock shows the same.
    var clockStillness: Stillness?
    /// When an earlier run of the bridge received its newest reading.
    var heardBefore: Timestamp?
    /// The newest time of the meter's or reader's own clock.
    var order: OrderWatch
    /// The usual time between two readings in milliseconds.
    var interval: Int64?
    /// The interval that stands in the published `info`.
    var publishedInterval: Int64?
    /// Nil until something was published.
    var isOnline: Bool?
    /// Readings made since the start.
    var readings: Int
    /// When `state` was published, where the profile limits how often.
    var statePublished: Timestamp?
    /// How often it fell silent since the start.
    var silences: Int
    /// Messages of its readers that were not understood.
    var rejects: Int
    /// The repairs that they needed.
    var ledger: FixLedger
    /// True when `info` has to be published again.
    var isInfoStale: Bool {
        didSet { if isInfoStale { isDescriptionStale = true } }
    }
    /// The same for what the outputs say about the meter.
    var isDescriptionStale: Bool
    /// Registers that an earlier run computed and this one does not, until the broker is told.
    var retired: [RegisterState]
    /// What its decoder has to know after a restart.
    @Rare var memory: SenderMemory?
    /// As many registers as it may have.
    var registerLimit: Int

    // What becomes of each property when a meter becomes another one: no property has a value of its own, so that the compiler asks
    // each of these initialisers about a new one.

    /// A meter of which nothing is known.
    init(id: String, topics: MeterTopics) {
        self.id = id
        self.topics = topics
        serial = nil
        predecessor = nil
        collisions = CollisionWatch()
        name = nil
        role = nil
        tariffNames = nil
        zone = nil
        model = nil
        submeters = []
        devices = []
        primaryReceived = nil
        registers = []
        publishedByAlias = []
        held = [:]
        previous = []
        reread = []
        isReread = false
        isClockReread = false
        phases = []
        scales = ScaleWatch()
        netting = Netting()
        totals = Totals()
        demand = nil
        demandWatch = nil
        demandFloor = nil
        ct = ExactDecimal(1)
        maxPower = nil
        positions = OBISPositions()
        translations = []
        submeterIDs = [:]
        hasRivals = false
        serials = []
        nextTranslation = 0
        newest = nil
        isPaused = false
        clockStillness = nil
        heardBefore = nil
        order = OrderWatch()
        interval = nil
        publishedInterval = nil
        isOnline = nil
        readings = 0
        statePublished = nil
        silences = 0
        rejects = 0
        ledger = FixLedger()
        isInfoStale = true
        isDescriptionStale = true
        retired = []
        memory = nil
        registerLimit = Limits().registers
    }

    /// Another meter stands here now, under the same id. The counters of the former one are kept for those who judge what the new one
    /// sends; they carry the quality `previous` until it does. The connection is the same: its phases, and what was learned of how
    /// its reader sends.
    ///
    /// - Parameter codes: what does not go on.
    init(
        _ former: MeterState, exchangedAfter previous: PreviousMeter, forgetting codes: Set<OBISCode>,
        _ profile: Profile
    ) {
        id = former.id
        topics = former.topics
        serial = former.serial
        predecessor = previous
        collisions = CollisionWatch()
        name = former.name
        role = former.role
        tariffNames = former.tariffNames
        zone = former.zone
        model = nil
        submeters = []
        devices = former.devices
        primaryReceived = former.primaryReceived
        registers = former.registers
        publishedByAlias = former.publishedByAlias
        held = [:]
        self.previous = former.previous
        reread = former.reread
        isReread = former.isReread
        isClockReread = former.isClockReread
        phases = former.phases
        scales = former.scales
        netting = Netting()
        totals = Totals()
        demand = former.demand
        demandWatch = former.demandWatch
        demandFloor = former.demandFloor
        ct = former.ct
        maxPower = former.maxPower
        positions = former.positions
        translations = former.translations
        submeterIDs = [:]
        hasRivals = former.hasRivals
        serials = former.serials
        nextTranslation = former.nextTranslation
        newest = former.newest
        isPaused = former.isPaused
        clockStillness = nil
        heardBefore = former.heardBefore
        order = OrderWatch()
        interval = former.interval
        publishedInterval = former.publishedInterval
        isOnline = former.isOnline
        readings = former.readings
        statePublished = former.statePublished
        silences = former.silences
        rejects = former.rejects
        ledger = former.ledger
        isInfoStale = true
        isDescriptionStale = true
        retired = former.retired
        memory = former.memory
        registerLimit = former.registerLimit
        removeRegisters { codes.contains($0.value.obis) }
        demand?.loseTrack()
        forgetTotals()
        for register in registers where profile.isCounter(register.value.obis) {
            self.previous.insert(register.value.obis)
        }
    }

    /// The same meter under the id of another one, which nothing is known of but its id and its devices; what the configuration
    /// says about that one is still to be taken over.
    init(_ former: MeterState, renamed other: MeterState) {
        id = other.id
        topics = other.topics
        serial = other.serial ?? former.serial
        predecessor = former.predecessor
        collisions = former.collisions
        name = former.name
        role = former.role
        tariffNames = former.tariffNames
        zone = former.zone
        model = former.model
        submeters = former.submeters
        devices = other.devices
        primaryReceived = former.primaryReceived
        registers = former.registers
        publishedByAlias = former.publishedByAlias
        held = former.held
        self.previous = former.previous
        reread = former.reread
        isReread = former.isReread
        isClockReread = former.isClockReread
        phases = former.phases
        scales = former.scales
        netting = former.netting
        totals = former.totals
        demand = former.demand
        demandWatch = former.demandWatch
        demandFloor = former.demandFloor
        ct = former.ct
        maxPower = former.maxPower
        positions = former.positions
        translations = former.translations
        submeterIDs = former.submeterIDs
        hasRivals = former.hasRivals
        serials = former.serials
        nextTranslation = former.nextTranslation
        newest = former.newest
        isPaused = former.isPaused
        clockStillness = former.clockStillness
        heardBefore = former.heardBefore
        order = former.order
        interval = former.interval
        publishedInterval = former.publishedInterval
        isOnline = former.isOnline
        readings = former.readings
        statePublished = former.statePublished
        silences = former.silences
        rejects = former.rejects
        ledger = former.ledger
        isInfoStale = true
        isDescriptionStale = true
        retired = former.retired
        memory = former.memory
        registerLimit = former.registerLimit
        for index in devices.indices {
            guard let known = former.devices.first(where: { $0.isSameDevice(devices[index]) }) else { continue }
            devices[index] = known
        }
        forget { if case .alias = $0 { true } else { false } }
        for translation in other.translations { note(translation) }
    }

    /// A meter with what is known of another one that turned out to be this one.
    init(_ meter: MeterState, with other: MeterState, _ profile: Profile) {
        id = meter.id
        topics = meter.topics
        serial = meter.serial
        predecessor = meter.predecessor
        collisions = meter.collisions
        name = meter.name
        role = meter.role
        tariffNames = meter.tariffNames
        zone = meter.zone
        model = meter.model ?? other.model
        submeters = meter.submeters.isEmpty ? other.submeters : meter.submeters
        devices = meter.devices
        primaryReceived = meter.primaryReceived
        registers = meter.registers
        publishedByAlias = meter.publishedByAlias
        held = meter.held
        previous = meter.previous
        reread = meter.reread
        isReread = meter.isReread
        isClockReread = meter.isClockReread
        phases = meter.phases
        scales = meter.scales
        netting = meter.netting == Netting() ? other.netting : meter.netting
        totals = meter.totals == Totals() ? other.totals : meter.totals
        demand = meter.demand ?? other.demand
        demandWatch = meter.demandWatch
        demandFloor = meter.demandFloor
        ct = meter.ct
        maxPower = meter.maxPower
        positions = meter.positions
        translations = meter.translations
        submeterIDs = meter.submeterIDs
        hasRivals = meter.hasRivals
        serials = meter.serials
        nextTranslation = meter.nextTranslation
        newest = meter.newest
        isPaused = meter.isPaused
        clockStillness = meter.clockStillness
        heardBefore = meter.heardBefore
        order = meter.order
        interval = meter.interval
        publishedInterval = meter.publishedInterval
        isOnline = meter.isOnline
        readings = meter.readings
        statePublished = meter.statePublished
        silences = meter.silences
        rejects = meter.rejects
        ledger = meter.ledger
        isInfoStale = true
        isDescriptionStale = true
        retired = meter.retired
        memory = meter.memory ?? other.memory
        registerLimit = meter.registerLimit
        for register in other.registers where position(of: register.value.obis) == nil {
            update(register.value, time: register.time, received: register.received, profile: profile)
        }
        for translation in other.translations { note(translation) }
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
