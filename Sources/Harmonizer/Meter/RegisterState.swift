// SPDX-License-Identifier: Apache-2.0

/// The newest value of one register of one meter, and what was published of it.
///
/// A bridge may remember a quarter of a million of them, so it is 64 bytes of plain memory and one reference: see
/// `RegisterStateTests`.
struct RegisterState: Sendable {
    // In this order the fields need no padding.
    private(set) var value: RegisterValue
    /// The interval in milliseconds, 0 until the second value; in seconds when the highest bit is set, for values that
    /// arrive less than once in 24 days.
    private var pause: UInt32 = 0
    private static let inSeconds: UInt32 = 1 << 31
    private var arrival: PackedTime
    /// When its value was last published under its code; meaningless before the first time.
    private var publication: PackedTime
    /// Since when its value has been the same, in seconds since 1970.
    private var stillSince: UInt32 = 0
    /// How many messages brought it since then, the first included; 255 for that many and more. 0 before the second
    /// message.
    private var stillMessages: UInt8 = 0
    private var flags: Flags = []
    private(set) var word: AliasWord

    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let paused = Flags(rawValue: 1)
        static let restored = Flags(rawValue: 2)
        static let stale = Flags(rawValue: 4)
        static let sentByMeter = Flags(rawValue: 8)
        static let published = Flags(rawValue: 16)
        /// Set while the register has the value that was published last.
        static let current = Flags(rawValue: 32)
        static let publishedByAlias = Flags(rawValue: 64)
        static let currentByAlias = Flags(rawValue: 128)
    }

    init(value: RegisterValue, time: Timestamp, received: Timestamp, isSentByMeter: Bool, alias: String?) {
        self.value = value
        self.value.place(at: PackedTime(time))
        arrival = PackedTime(received)
        publication = arrival
        word = AliasWord(alias)
        if isSentByMeter { flags = .sentByMeter }
    }

    /// When its value was true.
    var time: Timestamp { value.plain.placedTime.timestamp }
    /// When it arrived.
    var received: Timestamp { arrival.timestamp }
    /// The usual time between two values; nil until the second.
    var interval: TimeSpan? {
        get {
            guard pause & Self.inSeconds == 0 else { return .seconds(Int64(pause ^ Self.inSeconds)) }
            return pause == 0 ? nil : .milliseconds(Int64(pause))
        }
        set {
            let milliseconds = max(newValue?.milliseconds ?? 0, 0)
            pause =
                milliseconds < Self.inSeconds
                ? UInt32(milliseconds) : Self.inSeconds | UInt32(min(milliseconds / 1000, Int64(Self.inSeconds - 1)))
        }
    }
    /// True when its value was restored, or had waited on its way: the time since then tells nothing about its
    /// interval.
    var isPaused: Bool {
        get { flags.contains(.paused) }
        set { set(.paused, newValue) }
    }
    /// True until a message of this run brought it.
    var isRestored: Bool {
        get { flags.contains(.restored) }
        set { set(.restored, newValue) }
    }
    /// True when it was not refreshed for three of its intervals.
    var isStale: Bool {
        get { flags.contains(.stale) }
        set { set(.stale, newValue) }
    }
    /// How long its value has been the same, to the second; nil before the second message.
    var stillness: Stillness? {
        stillMessages == 0
            ? nil : Stillness(since: Timestamp(seconds: Int64(stillSince)), count: Int(stillMessages) - 1)
    }
    /// True once the meter itself sent it: then it is never derived again.
    var isSentByMeter: Bool { flags.contains(.sentByMeter) }
    /// Its alias with the medium filled in; nil for none.
    var alias: String? {
        get { word.text }
        set { word = AliasWord(newValue) }
    }
    var hasAlias: Bool { !word.isNone }

    private mutating func set(_ flag: Flags, _ isSet: Bool) {
        if isSet { flags.insert(flag) } else { flags.remove(flag) }
    }

    /// Takes in a newer value.
    mutating func update(_ new: RegisterValue, time: PackedTime, received: PackedTime, isLive: Bool) {
        note(isSame: new.isSame(as: value), isDerived: new.isDerived, received: received, isLive: isLive)
        value.show(new)
        value.place(at: time)
    }

    /// Takes in a newer plain number without copying it; false when this register is not a plain number.
    mutating func update(_ new: RegisterValue.Plain, time: PackedTime, received: PackedTime, isLive: Bool) -> Bool {
        guard value.isPlain else { return false }
        note(
            isSame: new.number == value.plain.number, isDerived: new.isDerived, received: received, isLive: isLive)
        value.show(new)
        value.place(at: time)
        return true
    }

    @inline(__always)
    private mutating func note(isSame: Bool, isDerived: Bool, received: PackedTime, isLive: Bool) {
        var flags = self.flags
        if isLive, !flags.contains(.paused) {
            interval = Interval.learned(interval, received - arrival)
        }
        flags.subtract(isLive ? [.paused, .stale, .restored] : [.stale, .restored])
        if !isLive { flags.insert(.paused) }
        if isSame, isLive, stillMessages > 0 {
            if stillMessages < .max { stillMessages += 1 }
        } else {
            stillSince = UInt32(clamping: received.seconds)
            stillMessages = 1
        }
        if !isSame { flags.subtract([.current, .currentByAlias]) }
        arrival = received
        if !isDerived { flags.insert(.sentByMeter) }
        self.flags = flags
    }
}

// What the broker has of this register, for `HarmonizedOutput`.
extension RegisterState {
    /// A bare value that was published.
    struct Published {
        let at: PackedTime
        /// True while the register has the value that was published last.
        let isCurrent: Bool
    }

    /// What was published under its code; nil before the first time.
    var published: Published? {
        isPublished ? Published(at: publication, isCurrent: flags.contains(.current)) : nil
    }

    /// What was published under its alias; nil before the first time.
    ///
    /// - Parameter time: when that was. It is stored outside the register (`MeterState.publishedByAlias`), because few
    ///   profiles have aliases.
    func publishedByAlias(at time: PackedTime) -> Published? {
        isPublishedByAlias ? Published(at: time, isCurrent: flags.contains(.currentByAlias)) : nil
    }

    var isPublished: Bool { flags.contains(.published) }
    var isPublishedByAlias: Bool { flags.contains(.publishedByAlias) }

    /// Records that its value is on the broker under its code since `now`.
    mutating func notePublished(_ now: PackedTime) {
        publication = now
        flags.formUnion([.published, .current])
    }

    mutating func notePublishedByAlias() { flags.formUnion([.publishedByAlias, .currentByAlias]) }

    /// Forgets what was published: the broker has nothing of this register any more, or yet.
    mutating func forgetPublished() {
        flags.subtract([.published, .current, .publishedByAlias, .currentByAlias])
    }

    /// Forgets what was published under its alias alone.
    mutating func forgetPublishedByAlias() { flags.subtract([.publishedByAlias, .currentByAlias]) }
}

extension RegisterState {
    /// True when it was not refreshed for three of its intervals.
    func isOverdue(at now: PackedTime) -> Bool {
        now - arrival >= Silence.registerLimit(interval)
    }

    /// When its value was true; nil when that is the time of the newest reading.
    func time(unless newest: PackedTime) -> Timestamp? { value.plain.placedTime == newest ? nil : time }

    /// True when the other register arrived in the same message, is of the same instant, and neither is stale.
    func isTogether(with other: RegisterState) -> Bool {
        arrival == other.arrival && value.plain.placedTime == other.value.plain.placedTime
            && flags.isDisjoint(with: .stale) && other.flags.isDisjoint(with: .stale)
    }

    /// True when it arrived at that pace.
    func comes(at pace: Pace, arrival: PackedTime) -> Bool {
        self.arrival == arrival && interval == pace.interval && isPaused == pace.isDelayed
    }

    /// True while its value is not older than three of its intervals, or a minute: consumers must not act on an older
    /// one.
    func isFresh(at now: Timestamp) -> Bool {
        now - received <= max(.minutes(1), 3 * (interval ?? .zero))
    }
}

extension RegisterValue {
    /// A number or a text; nil for a list, which has no topic of its own.
    var bareValue: [UInt8]? {
        switch value {
        case .number(let number): return number.ascii
        case .text(let text): return Array(Printable.escaped(text).utf8)
        case .list: return nil
        }
    }
}
