// SPDX-License-Identifier: Apache-2.0

/// One repair that this message needed, as it is written into the reading.
public struct Fix: Sendable, Hashable {
    /// What was wrong; a closed list.
    public var rule: Rule
    /// What it touched: `time`, `meter`, or OBIS codes.
    public var fields: [String]
    /// What was done about it.
    public var action: Action
    /// What the source had sent, as text; nil when it sent nothing.
    public var original: String?
    /// What took its place.
    public var with: String?
    /// When the time of arrival replaced a time: the earliest moment that the message can be from; nil when it arrived
    /// at once.
    public var earliest: Timestamp?
    /// What decided it: a place in a configuration file (`bridge.yaml:7`), or what confirmed a counter.
    public var by: String?

    /// Makes a fix.
    public init(
        _ rule: Rule, fields: [String], action: Action, original: String? = nil, with: String? = nil, by: String? = nil
    ) {
        self.rule = rule
        self.fields = fields
        self.action = action
        self.original = original
        self.with = with
        self.by = by
    }

    /// Every rule there is. The raw value is its name in payloads and in the profile's `fixes`.
    public enum Rule: String, Sendable, CaseIterable {
        /// The message has no time.
        case timeMissing = "time.missing"
        /// The reader's clock was never set: 1970, or before 2020.
        case timeUnsynced = "time.unsynced"
        /// The time field cannot be parsed.
        case timeInvalid = "time.invalid"
        /// The clock is a whole number of hours off: its zone is wrong, or it ignores daylight saving.
        case timeZoneError = "time.zone-error"
        /// The clock is off by another amount.
        case timeSkew = "time.skew"
        /// The time is further in the future than a clock may be ahead.
        case timeFuture = "time.future"
        /// The time of a message that just arrived is older than a message can be.
        case timeTooOld = "time.too-old"
        /// The reading is older than what is known of its meter.
        case timeOutOfOrder = "time.out-of-order"
        /// The meter's clock runs on from an earlier time.
        case timeSetBack = "time.set-back"
        /// Content that a living grid cannot have: the same clock, voltages or power without energy for a long time.
        case contentFrozen = "content.frozen"
        /// The message has no meter id, and none is known for its device.
        case idMissing = "id.missing"
        /// The meter id is a filler that many meters share: 12345, zeros, `unknown`.
        case idPlaceholder = "id.placeholder"
        /// The reader lost the meter's id for a while, or alternates between two.
        case idFlapping = "id.flapping"
        /// Two meters send under one id.
        case idCollision = "id.collision"
        /// The telegram's CRC was valid only after its line ends or escapes were restored.
        case telegramRestored = "telegram.restored"
        /// The JSON was broken in a way that left no doubt: `nan`, a missing last brace, a trailing comma.
        case payloadLenient = "payload.lenient"
        /// A telegram in several messages ended before all registers of the last one were there.
        case telegramPartial = "telegram.partial"
        /// A value that its register cannot represent was left out: `nan`, a negative counter.
        case valueDropped = "value.dropped"
        /// A number that means "no value" was left out.
        case valueSentinel = "value.sentinel"
        /// A number in a unit that measures something else than its register was left out.
        case valueUnit = "value.unit"
        /// A value that is not plausible for its register, published all the same.
        case valueOutOfRange = "value.out-of-range"
        /// A known fault of the reader was corrected by the factor of the source's `scale`.
        case scaleKnown = "scale.known"
        /// A power of ten of which the bridge is certain was corrected.
        case scaleAuto = "scale.auto"
        /// A counter fell: held until the new value is confirmed.
        case counterDecrease = "counter.decrease"
        /// A counter that was above zero is zero, or its first value is zero while no other counter is above zero:
        /// held.
        case counterZero = "counter.zero"
        /// A counter rose faster than the connection allows: held until the new value is confirmed.
        case counterJump = "counter.jump"
        /// A counter fell by its last digit only: the last value stays.
        case counterRounding = "counter.rounding"
        /// A held counter continues from its new value; `original` is its value before.
        case counterConfirmed = "counter.confirmed"
    }

    /// What a fix did.
    public enum Action: String, Sendable {
        case substitute, drop, restore, flag, hold, accept
    }

    /// How serious a fix is: whether something missing was replaced, or something sent is not believed.
    public enum Level: String, Sendable {
        case repair, doubt
    }
}

extension Fix.Rule {
    /// How serious each rule is.
    public var level: Fix.Level {
        switch self {
        case .timeMissing, .timeUnsynced, .timeInvalid, .idMissing, .idPlaceholder, .idFlapping, .telegramRestored,
            .payloadLenient, .counterRounding, .counterConfirmed, .scaleKnown, .scaleAuto:
            .repair
        case .telegramPartial, .valueDropped, .timeFuture, .timeTooOld, .timeOutOfOrder, .timeSetBack, .timeZoneError,
            .timeSkew, .contentFrozen, .idCollision, .counterDecrease, .counterZero, .counterJump, .valueSentinel,
            .valueUnit, .valueOutOfRange:
            .doubt
        }
    }

    /// What a rule is about.
    package enum Chapter: Sendable {
        /// Which meter it is.
        case id
        /// A time that is missing or impossible; the time of arrival may take its place.
        case time
        /// The meter's clock as a whole.
        case clock
        /// The size of the numbers.
        case scale
        /// Messages that were damaged on their way but can still be read.
        case damage
        /// Parts that never arrived.
        case gap
        /// Content that never changes.
        case standstill
        /// Numbers that mean "no value".
        case noValue
        /// Values that are not believed.
        case value
        /// What other rules report already.
        case unmentioned
    }

    /// What it is about: the part of a report that mentions it.
    package var chapter: Chapter {
        switch self {
        case .idMissing, .idPlaceholder, .idFlapping, .idCollision: .id
        case .timeMissing, .timeUnsynced, .timeInvalid, .timeFuture, .timeTooOld: .time
        case .timeZoneError, .timeSkew, .timeOutOfOrder, .timeSetBack: .clock
        case .valueUnit, .valueOutOfRange, .scaleKnown, .scaleAuto: .scale
        case .telegramRestored, .payloadLenient, .counterRounding: .damage
        case .telegramPartial: .gap
        case .contentFrozen: .standstill
        case .valueSentinel: .noValue
        case .valueDropped, .counterDecrease, .counterZero, .counterJump: .value
        case .counterConfirmed: .unmentioned
        }
    }

    /// What was wrong.
    package var words: String {
        switch self {
        case .timeMissing: "no message has a time"
        case .timeUnsynced: "the clock was never set"
        case .timeInvalid: "what stands for the time is none"
        case .timeZoneError: "the clock is in another zone"
        case .timeSkew: "the clock is off"
        case .timeFuture: "the time is ahead of its arrival"
        case .timeTooOld: "the time is too old"
        case .timeOutOfOrder: "readings came out of order"
        case .timeSetBack: "the clock was set back"
        case .contentFrozen: "it never changes"
        case .idMissing: "no message has the meter's id"
        case .idPlaceholder: "the id is a filler that many meters share"
        case .idFlapping: "the id is lost at times, or wavers"
        case .idCollision: "two meters send under one id"
        case .telegramRestored: "the telegram was damaged on its way"
        case .payloadLenient: "broken JSON"
        case .telegramPartial: "telegrams broke off before"
        case .valueDropped: "a value that the register cannot have"
        case .valueSentinel: "a number that means \"no value\""
        case .valueUnit: "in a unit that measures something else"
        case .valueOutOfRange: "not plausible"
        case .scaleKnown: "wrong by a power of ten that the configuration names"
        case .scaleAuto: "wrong by a power of ten that is certain"
        case .counterDecrease: "the counter fell"
        case .counterZero: "the counter was zero"
        case .counterJump: "the counter jumped"
        case .counterRounding: "the counter fell by its last digit"
        case .counterConfirmed: "the counter goes on from a value that was held"
        }
    }

    /// What it means, and what was done, in one sentence for people who look at the page.
    package var explanation: String {
        switch self {
        case .timeMissing: "The message carried no time; the time of its arrival was used."
        case .timeUnsynced: "The reader's clock was never set; the time of arrival was used."
        case .timeInvalid: "What stood in the place of the time is none; the time of arrival was used."
        case .timeZoneError:
            "The clock is a whole number of hours off, as if its time zone were wrong; it was put right."
        case .timeSkew: "The clock is off by a steady amount."
        case .timeFuture: "The time is further in the future than a clock may be ahead; the time of arrival was used."
        case .timeTooOld:
            "The message just came, but its time is older than a message can be; the time of arrival was used."
        case .timeOutOfOrder: "The reading is older than what is known of this meter already, so it changes nothing."
        case .timeSetBack: "The meter's clock was set back; its values go on from the earlier time."
        case .contentFrozen: "The content does not change as a living grid's would; the reader may repeat itself."
        case .idMissing: "The message names no meter; it was placed by its topic."
        case .idPlaceholder: "The meter's number is a filler that many meters share; it was replaced."
        case .idFlapping: "The reader lost the meter's number for a while; the one of before was used."
        case .idCollision: "Two meters send under this id. Give each a source of its own."
        case .telegramRestored: "The checksum was right only after line ends or escapes were restored."
        case .payloadLenient:
            "The JSON was broken in a way that left no doubt what was meant; it was read all the same."
        case .telegramPartial: "The telegram ended before all of its registers were there."
        case .valueDropped: "A value that its register cannot have was left out."
        case .valueSentinel: "A number that means \"no value\" was left out."
        case .valueUnit: "A number in a unit that measures something else was left out."
        case .valueOutOfRange: "A value is not plausible for its register; it was published all the same."
        case .scaleKnown: "A known fault of the reader was put right by its factor."
        case .scaleAuto: "Numbers off by a power of ten were put right."
        case .counterDecrease: "A counter fell. Its new value is held until it is confirmed."
        case .counterZero: "A counter is suddenly zero. Its last good value stands until the new one is confirmed."
        case .counterJump:
            "A counter rose faster than the connection allows. Its new value is held until it is confirmed."
        case .counterRounding: "A counter fell by its last digit only; the last value stands."
        case .counterConfirmed: "A counter that was held goes on from its new value."
        }
    }
}
