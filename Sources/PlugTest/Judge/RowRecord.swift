// SPDX-License-Identifier: Apache-2.0
import Adapters
import Harmonizer

/// Everything received from one meter through one reader.
struct RowRecord: Sendable {
    let source: Source
    let device: String
    /// The first message of the recording: all offsets count from it.
    let start: Timestamp
    private(set) var meter: String?
    private(set) var serials: [String] = []
    /// Everything in the payloads that identifies the meter or a device behind it.
    private(set) var secrets: [String] = []
    private(set) var messages = 0
    private var topics: Set<String> = []
    private(set) var readings = 0
    private(set) var rejects: [String: Int] = [:]
    private(set) var ignored: [String: Int] = [:]
    private(set) var registers: [OBISCode: RegisterRecord] = [:]
    private(set) var fixes: [Fix.Rule: FixRecord] = [:]
    private(set) var clock = ClockRecord()
    private(set) var lists = ListRecords()
    private(set) var times = TimeForms()
    private(set) var evidence = EvidenceCollector()
    /// The facts of the meter's own frames; nil for a format without them.
    private(set) var frames: FrameRecord?
    /// By quantity and power of ten, the number of readings that point to it.
    private(set) var scales: [Quantity: [Int: Int]] = [:]

    /// The numbers of messages by the form of their time.
    struct TimeForms: Sendable {
        var withZone = 0
        var local = 0
        var missing = 0
    }

    /// The fixes of one rule: the bridge may only flag at first, and fix once it is certain.
    struct FixRecord: Sendable {
        var count: Int
        let first: Fix
        var last: Fix
    }

    private static let registerLimit = 500

    init(source: Source, device: String, start: Timestamp) {
        self.source = source
        self.device = device
        self.start = start
        frames = FrameRecord(adapter: source.adapter)
    }

    /// True when a reading of `meter` belongs to this row: the same meter, or the first real id after none.
    func accepts(_ meter: String) -> Bool { self.meter == nil || self.meter == meter || serials.isEmpty }

    /// True when messages on that topic belong to this row.
    func hears(_ topic: String) -> Bool { topics.contains(topic) }

    // MARK: - What happened

    mutating func note(_ message: RawMessage, _ verdict: Verdict) {
        messages += 1
        if topics.count < 200 { topics.insert(message.topic) }
        evidence.note(message, verdict)
        frames?.hear(message)
        if case .ignored(let kind, _) = verdict { ignored[kind, default: 0] += 1 }
    }

    mutating func note(_ rejection: Rejection) { rejects[rejection.reason.rawValue, default: 0] += 1 }

    mutating func note(_ reading: Reading, telegram: Telegram, sent: Timestamp?, placeholders: Set<String>) {
        readings += 1
        meter = reading.meter
        note(telegram.id, placeholders: placeholders)
        noteSecrets(telegram, placeholders: placeholders)
        let arrival = reading.received - start
        let time = reading.time - start
        noteTime(telegram, reading: reading, sent: sent, at: arrival)
        noteScale(reading)
        for fix in reading.fixes { note(fix) }
        let sentRegisters = Set(telegram.observations.map(\.obis.canonical))
        for observation in telegram.observations { note(observation) }
        let held = Set(reading.fixes.flatMap(\.fields))
        for register in reading.registers { note(register, time: time, arrival: arrival, held: held) }
        if !reading.origin.isRetained {
            lists.note(sentRegisters, arrival: arrival, time: time, isDelayed: reading.isDelayed)
        }
        evidence.note(reading)
    }

    /// Sorts the samples by time, which moves delayed readings to their place.
    mutating func finish() {
        for code in registers.keys { registers[code]?.sort() }
    }

    // MARK: - Parts of a reading

    private mutating func note(_ id: RawID?, placeholders: Set<String>) {
        guard let id else { return }
        let text = MeterID.decoded(id)
        guard !MeterID.isPlaceholder(text, words: placeholders), !serials.contains(text), serials.count < 20 else {
            return
        }
        serials.append(text)
    }

    private mutating func noteSecrets(_ telegram: Telegram, placeholders: Set<String>) {
        var texts = telegram.id.map { [MeterID.decoded($0), $0.text] } ?? []
        texts += telegram.submeters.compactMap(\.id)
        for observation in telegram.observations {
            guard case .text(let text) = observation.value, Self.isIdentification(observation.obis) else { continue }
            texts += [MeterID.decoded(RawID(text)), text]
        }
        for text in texts where !secrets.contains(text) && secrets.count < 100 {
            if !MeterID.isPlaceholder(text, words: placeholders) { secrets.append(text) }
        }
    }

    /// True for codes that identify the meter: 0-n:96.1.x, 42.0.0, 1-0:0.0.x; and for free text (96.13.x), which may
    /// contain anything.
    private static func isIdentification(_ obis: OBISCode) -> Bool {
        obis.c == 42 || (obis.c == 96 && [1, 13].contains(obis.d)) || (obis.c == 0 && obis.d == 0)
    }

    private mutating func noteTime(_ telegram: Telegram, reading: Reading, sent: Timestamp?, at arrival: TimeSpan) {
        switch telegram.time {
        case .instant, .seasonal: times.withZone += 1
        case .local: times.local += 1
        case .invalid, nil: times.missing += 1
        }
        guard let sent, !reading.isDelayed, !reading.origin.isRetained else { return }
        clock.note(sent - reading.received, at: arrival)
    }

    private mutating func noteScale(_ reading: Reading) {
        let exported = registers[OBISCode(1, 0, 2, 8, 0)]?.samples.last.map { !$0.value.isZero } ?? false
        for (quantity, power) in ScaleEvidence(reading.registers, learned: [:], hasExport: exported).powers {
            scales[quantity, default: [:]][power, default: 0] += 1
        }
    }

    private mutating func note(_ fix: Fix) {
        fixes[fix.rule, default: FixRecord(count: 0, first: fix, last: fix)].count += 1
        fixes[fix.rule]?.last = fix
        for field in fix.fields {
            guard let obis = OBISCode(field) else { continue }
            record(obis) { $0.note(fix) }
        }
    }

    private mutating func note(_ observation: Observation) {
        record(observation.obis.canonical) { record in
            record.sent += 1
            if case .number = observation.value, observation.unit == nil { record.lacksUnit = true }
        }
    }

    private mutating func note(_ register: RegisterValue, time: TimeSpan, arrival: TimeSpan, held: Set<String>) {
        let start = start
        record(register.obis) { record in
            if register.isDerived { record.derived += 1 } else { record.published += 1 }
            record.newest = register.value.text
            record.unit = register.unit ?? record.unit
            if !held.contains(register.obis.description) { record.wasFine() }
            guard case .number(let number) = register.value else { return }
            let own = register.time.map { $0 - start } ?? time
            record.note(RegisterRecord.Sample(time: own, arrival: arrival, value: number))
        }
    }

    private mutating func record(_ obis: OBISCode, _ change: (inout RegisterRecord) -> Void) {
        guard registers[obis] != nil || registers.count < Self.registerLimit else { return }
        change(&registers[obis, default: RegisterRecord()])
    }
}
