// SPDX-License-Identifier: Apache-2.0

/// An event that a person should read about. Its sentence is in `Notice+Text.swift`: logic contains no words, and all
/// words can be read, and translated, in one place.
enum Notice: Sendable {
    // MARK: Sources

    /// No message came for a source in the first minute.
    case sourceSilent(source: String, place: String, hint: String)
    /// The last awaited source has sent.
    case sourcesSend(first: String, count: Int)
    /// A source sends encrypted telegrams that cannot be deciphered.
    case encrypted(source: String, place: String?, detail: String)
    /// A source, or the devices or meters of it, is at its limit.
    case noRoom(source: String, what: String, detail: String)
    /// The host is in UTC while a source sends local time.
    case zoneOfHost(source: String, hours: Int, zone: String)
    /// The broker kept a message of unknown age.
    case undated(topic: String)
    /// The first message of a source that was rejected for a reason.
    case rejected(Rejection, source: String, topic: String, deadLetter: String)
    /// `count` messages of a source were rejected for a reason.
    case rejectedOften(Rejection.Reason, source: String, count: Int)
    /// A remark of a decoder about a device.
    case remark(Remark, subject: String, place: String)
    /// A malformed line, the last of a device that is reported.
    case lastMalformed(String, subject: String)

    // MARK: Meters

    /// The first reading of a meter since the start.
    case firstReading(meter: String, name: String?, registers: Int, source: String, topic: String)
    /// `count` meters were reported one by one; the others are not.
    case manyMeters(count: Int)
    /// A meter sends again.
    case onlineAgain(meter: String)
    /// A meter has sent nothing for this span, for the `count`th time.
    case offline(meter: String, TimeSpan, count: Int)
    /// A reading needed a repair that is news.
    case fix(Fix, meter: String, source: String)
    /// The clock of a source is ahead by this span.
    case clockOff(meter: String, source: String, place: String?, TimeSpan, hours: Int)
    /// Two meters send under one id.
    case collision(meter: String, sources: [String])
    /// Another serial under the same id.
    case exchangedSerial(meter: String, serial: String, former: String)
    /// Another meter behind the same device.
    case exchanged(meter: String, former: String, device: String)
    /// Another M-Bus device on the same channel.
    case exchangedSubmeter(meter: String, Submeter, former: String)
    /// The alias of a medium moved to another of its devices.
    case deviceCounts(meter: String, alias: String, OBISCode)
    /// Numbers of a quantity are off by a power of ten, or right again (nil).
    case scale(meter: String, Quantity, power: Int?, isCorrected: Bool, place: String?)

    // MARK: Counters

    /// A value of a counter is not believed.
    case counterHeld(meter: String, OBISCode, Fix.Rule, GuardSettings, command: String)
    /// A tariff appeared after the total over all tariffs was known, and did not begin at zero.
    case tariffLate(meter: String, OBISCode, tariffs: [Int], command: String)
    /// A value of a counter is accepted after all.
    case counterConfirmed(meter: String, OBISCode, from: ExactDecimal, to: ExactDecimal, Unit?, bySerial: Bool)

    /// A meter has no quarter-hour demand although it is switched on.
    case noDemand(meter: String, MissingForDemand)

    // MARK: The bridge itself

    /// A retained message of a meter cannot be read.
    case baselineRefused(topic: String, detail: String, deadLetter: String)
    /// `count` retained messages could not be read.
    case baselinesRefused(count: Int)
    /// There were so many different remarks that further ones are not reported.
    case tooManyRemarks
}
