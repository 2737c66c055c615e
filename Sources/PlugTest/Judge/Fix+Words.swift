// SPDX-License-Identifier: Apache-2.0
import Harmonizer

// What a plug-test says of each rule. Both switches are exhaustive: a new rule is judged, or it does not compile.
extension Fix.Rule {
    /// Which part of the judgement speaks of a rule.
    enum Chapter {
        /// Which meter it is.
        case id
        /// A time that is missing or impossible; the time of arrival may take its place.
        case time
        /// The meter's clock as a whole.
        case clock
        /// The size of the numbers.
        case scale
        /// Messages that were damaged on their way and can be read all the same.
        case damage
        /// Parts that never came.
        case gap
        /// Content that never changes.
        case standstill
        /// Numbers that stand for no value.
        case noValue
        /// Values that are not believed.
        case value
        /// What other rules say already.
        case unmentioned
    }

    /// Where a plug-test speaks of it.
    var chapter: Chapter {
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
}
