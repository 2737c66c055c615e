// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// The messages of one reader, read by one adapter.
struct Trail: Sendable {
    let probe: Probe
    let name: String
    private var decoder: any TelegramDecoder
    /// The filters of the topics with telegrams or the reader's last will, in the order of their first message.
    private(set) var filters: [String] = []
    private(set) var labels: (name: String, known: Int, of: Int)?
    private(set) var candidates: [String] = []
    private(set) var id: RawID?
    /// The levels before the reader's own, when its id is a topic level; nil when a payload contains the id.
    private(set) var idPrefix: String?
    private(set) var time: (sent: RawTime, received: Timestamp)?
    /// The newest value of each register, in the order in which the registers first appeared.
    private(set) var observations: [Observation] = []
    /// The topic on which the reader needs requests.
    private(set) var ask: String?
    /// The features found so far by which it is recognised.
    private var keys: Set<String> = []
    /// The topics that sent data of the meter.
    private(set) var topics: Set<String> = []
    /// Numbers that the reader sends and its mapping does not read.
    private(set) var unread: [String] = []
    /// Registers in the largest telegram.
    private(set) var largest = 0
    /// Number of values that were read; `malformed` counts those that could not be read.
    private(set) var readings = 0
    private(set) var malformed = 0
    /// The time between messages with registers.
    private var gaps: [TimeSpan] = []
    private var last: Timestamp?
    private(set) var rejection: Rejection?

    init(_ probe: Probe, name: String) {
        self.probe = probe
        self.name = name
        decoder = probe.adapter.makeDecoder()
    }

    /// The result of a message for this reader.
    enum Hearing: Equatable {
        case meter
        case ignored(String)
        case rejected
    }

    /// True when the messages so far are enough to assign it to this adapter.
    var isRecognised: Bool { probe.mapping?.recognition?.holds(keys) ?? true }

    mutating func hear(_ message: RawMessage, at place: ReaderPlace) -> Hearing {
        let filter = place.filter
        keys.formUnion(place.keys)
        ask = ask ?? place.ask
        switch decoder.decode(message, context: DecodingContext(keepsRaw: true)) {
        case .telegrams(let telegrams, let rejected, let remarks):
            note(remarks)
            malformed += rejected.count
            note(filter)
            if topics.count < Self.topicLimit { topics.insert(message.topic) }
            for telegram in telegrams { note(telegram, at: message.received, place) }
            if !message.isRetained { noteArrival(message.received) }
            return .meter
        case .fragment:
            note(filter)
            if topics.count < Self.topicLimit { topics.insert(message.topic) }
            return .meter
        case .availability:
            note(filter)
            return .meter
        case .ignored(let kind, let remarks):
            note(remarks)
            // Messages with names belong to the reader, too.
            if kind.hasSuffix("-names") { note(filter) }
            return .ignored(kind)
        case .rejected(let rejection):
            self.rejection = rejection
            return .rejected
        }
    }

    /// Maximum number of topics to remember.
    private static let topicLimit = 500

    /// The median of the time between two messages with registers; nil before the third message.
    var interval: TimeSpan? {
        guard gaps.count > 1 else { return nil }
        return gaps.sorted()[gaps.count / 2]
    }

    private mutating func note(_ filter: String) {
        if filters.count < 8, !filters.contains(filter) { filters.append(filter) }
    }

    private mutating func noteArrival(_ now: Timestamp) {
        // The registers of one telegram arrive within a moment.
        if let last, now - last >= .milliseconds(500), gaps.count < 1000 { gaps.append(now - last) }
        last = now
    }

    private mutating func note(_ telegram: Telegram, at received: Timestamp, _ place: ReaderPlace) {
        if let named = telegram.id {
            id = named
            idPrefix = named.text == place.topicID ? place.prefix : nil
        }
        if let sent = telegram.time { time = (sent, received) }
        largest = max(largest, telegram.observations.count)
        readings += telegram.observations.count
        for observation in telegram.observations {
            if let index = observations.firstIndex(where: { $0.obis == observation.obis }) {
                observations[index] = observation
            } else if observations.count < 500 {
                observations.append(observation)
            }
        }
    }

    private mutating func note(_ remarks: [Remark]) {
        for remark in remarks {
            switch remark {
            case .guessedLabels(let name, let known, let count): labels = (name, known, count)
            case .ambiguousLabels(let names, _): candidates = names
            case .malformed: malformed += 1
            case .unreadFields(let names, _): unread += names.prefix(max(0, 40 - unread.count))
            case .unknownLabel(let label): if unread.count < 40 { unread.append(label) }
            case .betterLabels, .absentFields: break
            }
        }
    }
}
