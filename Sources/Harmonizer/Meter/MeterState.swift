// SPDX-License-Identifier: Apache-2.0

/// Everything that is remembered about one meter.
struct MeterState: Sendable {
    /// Its id, one topic level.
    let id: String
    let topics: MeterTopics
    /// Its serial as received, decoded; nil while no message carried one.
    var serial: String?
    /// Its name for people, from `meters:`.
    var name: String?
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
    private(set) var phases: Phases = []
    /// The power in W that its connection allows, from `meters:`; nil for the profile's.
    var maxPower: ExactDecimal?
    private var positions: [OBISCode: Int] = [:]
    private(set) var translations: [Translation] = []
    /// Every serial number that was shown under this id.
    private var serials: Set<String> = []
    private var knownTranslations: Set<Translation> = []
    /// Time, clock and arrival of the newest reading.
    var newest: (time: Timestamp, clock: Telegram.Clock, received: Timestamp)?
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
    /// The repairs that they needed.
    var ledger = FixLedger()
    /// True when `info` has to be published again.
    var isInfoStale = true {
        didSet { if isInfoStale { isDescriptionStale = true } }
    }
    /// The same for what the outputs say about the meter.
    var isDescriptionStale = true

    /// A device that sends for a meter: what survives a restart through the retained `info`.
    struct Binding: Sendable, Hashable {
        var source: String
        var device: String
        var adapter: String
        var topic: String
    }

    init(id: String, topics: MeterTopics) {
        self.id = id
        self.topics = topics
    }

    func position(of obis: OBISCode) -> Int? { positions[obis] }

    /// The state of a register, nil when it was never seen.
    func register(_ obis: OBISCode) -> RegisterState? { positions[obis].map { registers[$0] } }

    /// Adds a register that was not seen before.
    mutating func add(_ register: RegisterState) {
        positions[register.value.obis] = registers.count
        phases.formUnion(Phases(of: register.value.obis))
        registers.append(register)
        isInfoStale = true
    }

    /// A sender that invents codes or serials must not fill the memory, nor `info`.
    private static let translationLimit = 500
    var registerLimit = Limits().registers

    /// Notes a translation the first time.
    mutating func note(_ translation: Translation) {
        guard knownTranslations.count < Self.translationLimit, knownTranslations.insert(translation).inserted else {
            return
        }
        translations.append(translation)
        isInfoStale = true
    }

    /// Notes a device the first time.
    mutating func bind(_ binding: Binding) {
        guard devices.count < Limits.devicesOfMeter,
            !devices.contains(where: { $0.source == binding.source && $0.device == binding.device })
        else { return }
        devices.append(binding)
        isInfoStale = true
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
        isInfoStale = true
    }

    /// Takes in the facts of a telegram that are no registers.
    ///
    /// - Returns: true when its M-Bus devices are other ones than before.
    mutating func learn(_ telegram: Telegram) -> Bool {
        if let model = telegram.model, model != self.model {
            self.model = model
            isInfoStale = true
        }
        guard !telegram.submeters.isEmpty, telegram.submeters != submeters else { return false }
        submeters = telegram.submeters
        isInfoStale = true
        return true
    }
}

/// The topics of one meter, prepared once.
struct MeterTopics: Sendable {
    let reading: String
    let state: String
    let info: String
    let availability: String

    init(meter: String, topics: Topics) {
        reading = topics.reading.topic(["meter": meter])
        state = topics.state.topic(["meter": meter])
        info = topics.info.topic(["meter": meter])
        availability = topics.availability.topic(["meter": meter])
    }
}
