// SPDX-License-Identifier: Apache-2.0

/// What is remembered about one device: a reader, or one of the ids that a reader publishes.
struct DeviceState: Sendable {
    var device: Router.Device
    /// When its last message came.
    var lastArrival = Timestamp(seconds: 0)
    /// When its last message came that was not queued anywhere.
    var lastLive: Timestamp?
    /// The serials that its payloads had.
    var serials = DeviceSerials()
    /// The meter that was behind it until its serial changed, and how many messages had the new one since.
    var leaving: (meter: Int, serial: String?, since: Timestamp, count: Int)?
    /// What is known about its clock.
    var clock = ClockWatch()
    /// The last message of the telegram that its decoder has open: what a reject shows when the rest never comes.
    var openOrigin: Origin?
    var decoder: any TelegramDecoder
    /// The telegram that is arriving in several messages.
    var group: OpenGroup?
    /// What tells that it is complete.
    var lists = TelegramLists()
    /// Telegrams that wait for a message with the meter's id, with the first one's arrival.
    var waiting: [PendingTelegram] = []
    /// The dictionary that its decoder guessed, for the `info` of a meter that may not be known yet.
    var labels: Translation?
    /// How many malformed lines of it were reported: a reader that sends noise must not fill the log.
    var malformedReported = 0
    /// What its decoder noticed before anyone knew which meter it is.
    var remarks: [Remark] = []
    /// Which meter it is; nil until the first telegram.
    var identity: DeviceIdentity?
    /// When it was first heard without an id that a later message may bring; nil once that is settled.
    var unsettledSince: Timestamp?

    /// A telegram with where it came from.
    struct PendingTelegram: Sendable {
        var telegram: Telegram
        var origin: Origin
    }

    /// True while something of this device is held back.
    var isOpen: Bool { group != nil || !waiting.isEmpty || decoder.openSince != nil }

    /// True while a telegram waits that may tell which meter this is.
    var isUndecided: Bool { identity == nil && (group != nil || !waiting.isEmpty) }

    /// When something that is held back has to go.
    func deadline(_ groups: Groups) -> Timestamp? {
        [
            group?.deadline(groups), waiting.first?.origin.received.adding(milliseconds: groups.identity),
            telegramDeadline(groups),
        ].compactMap(\.self).min()
    }

    /// A telegram in pieces may take a while, line by line, as long as they keep coming.
    func telegramDeadline(_ groups: Groups) -> Timestamp? {
        decoder.openSince.map {
            min(lastArrival.adding(milliseconds: groups.limit), $0.adding(milliseconds: groups.limit * 5))
        }
    }
}

/// A telegram in several messages, as far as it has come.
struct OpenGroup: Sendable {
    /// Its first message with the registers of the others added.
    private(set) var telegram: Telegram
    /// The codes of `telegram`.
    private(set) var registers: Set<OBISCode>
    let origin: Origin
    private(set) var lastArrival: Timestamp

    init(_ telegram: Telegram, origin: Origin) {
        self.telegram = telegram
        self.origin = origin
        registers = Set(telegram.observations.map(\.obis))
        lastArrival = origin.received
    }

    /// Quiet for a while, or open for too long.
    func deadline(_ groups: Groups) -> Timestamp {
        min(lastArrival.adding(milliseconds: groups.quiet), origin.received.adding(milliseconds: groups.limit))
    }

    /// True when `next` belongs to this telegram: the same time, as far as both have one (a reader with a topic for each field
    /// has one for the time too), and no register that is there already.
    ///
    /// - Parameter limit: registers that one telegram may have.
    func accepts(_ next: Telegram, limit: Int) -> Bool {
        (next.time == telegram.time || next.time == nil || telegram.time == nil)
            && telegram.observations.count + next.observations.count <= limit
            && !next.observations.contains { registers.contains($0.obis) }
    }

    /// Takes in one more message.
    mutating func add(_ next: Telegram, received: Timestamp) {
        telegram.observations += next.observations
        telegram.id = telegram.id ?? next.id
        if telegram.time == nil, next.time != nil {
            telegram.time = next.time
            telegram.clock = next.clock
        }
        telegram.model = telegram.model ?? next.model
        telegram.submeters += next.submeters.filter { !telegram.submeters.contains($0) }
        telegram.repairs += next.repairs.filter { !telegram.repairs.contains($0) }
        registers.formUnion(next.observations.lazy.map(\.obis))
        lastArrival = received
    }
}

/// Which meter a device is.
struct DeviceIdentity: Sendable {
    /// Index in the pipeline's meters.
    var meter: Int
    /// The id in the payload that decided it, as received; nil when none did.
    var received: RawID?
    /// True when an id of the payload or the user said so, and not the device's name.
    var isCertain: Bool
    /// True when a payload of this device, now or in an earlier run, had an id that is one: messages without any inherit it.
    var isIdentified: Bool
    /// True when `received` is an id that is one.
    var isPlain = false
    /// Where the user decided it: `bridge.yaml:7`.
    var place: String?
    /// True when the counters say that this device is the reader of a meter whose id it lost.
    var isFallback = false
}
