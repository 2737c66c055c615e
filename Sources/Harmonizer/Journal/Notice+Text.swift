// SPDX-License-Identifier: Apache-2.0

// Every sentence of the pipeline for people: what happened to which meter or source, and what to type where something can be done.
extension Notice {
    /// How much it matters.
    var level: Diagnostic.Level {
        switch self {
        case .sourcesSend, .undated, .firstReading, .manyMeters, .onlineAgain, .exchangedSerial, .exchanged,
            .exchangedSubmeter, .deviceCounts:
            .info
        case .remark(.guessedLabels, _, _), .remark(.unreadFields, _, _): .info
        case .scale(_, _, let power, _, _): power == nil ? .info : .warning
        case .fix(let fix, _, _): fix.rule.level == .doubt ? .warning : .info
        default: .warning
        }
    }

    /// The sentence.
    var text: String {
        switch self {
        case .sourceSilent(let source, let place, let hint): "source \"\(source)\": nothing \(place) for 60 s\(hint)"
        case .sourcesSend(let first, let count):
            count == 1 ? "the source \"\(first)\" sends" : "all \(count) sources send"
        case .encrypted(let source, let place, let detail): "source \"\(source)\"\(Self.bracketed(place)): \(detail)"
        case .noRoom(let source, let what, let detail): "source \"\(source)\": new \(what) are rejected: \(detail)"
        case .zoneOfHost(let source, let hours, let zone):
            "this host's zone is UTC but \(source) sends local time, \(hours > 0 ? "+" : "")\(hours):00 h: set zone: \(zone)"
        case .undated(let topic):
            "\(topic): the broker kept a message without a time, which may be of any age: not published"
        case .rejected(let rejection, let source, let topic, let deadLetter):
            "source \"\(source)\": \(rejection.reason.rawValue) on \(topic): \(rejection.detail)"
                + (rejection.position.map { ", at byte \($0)" } ?? "") + "; published on \(deadLetter)"
        case .rejectedOften(let reason, let source, let count):
            "source \"\(source)\": \(reason.rawValue): \(count) messages so far"
        case .remark(let remark, let subject, let place): "\(subject): \(Self.text(remark, place: place))"
        case .lastMalformed(let text, let subject): "\(subject): \(text.prefix(120)); further ones are only counted"

        case .firstReading(let meter, let name, let registers, let source, let topic):
            "meter \(meter)\(name.map { " (\($0))" } ?? ""): first reading, \(registers) register\(registers == 1 ? "" : "s") "
                + "(source \"\(source)\", \(topic))"
        case .manyMeters(let count): "\(count) meters heard: further meters are counted in health, and not logged"
        case .onlineAgain(let meter): "meter \(meter): online again"
        case .offline(let meter, let silence, let count):
            "meter \(meter): offline, the last reading came \(silence.seconds) s ago"
                + (count > 3 ? ", for the \(count)th time" : "")
        case .fix(let fix, let meter, let source): Self.text(fix, meter: meter, source: source)
        case .clockOff(let meter, let source, let place, let ahead, let hours):
            "meter \(meter): the clock of source \"\(source)\"\(Self.bracketed(place)) is "
                + (hours == 0 ? "\(ahead.magnitude.seconds) s" : "\(abs(hours)) h")
                + " \(ahead > .zero ? "ahead" : "behind")"
                + (hours == 0 ? "" : ", corrected from now on: set its zone, or the reader's")
        case .collision(let meter, let sources):
            "meter \(meter): two meters send under this id (source \(sources.joined(separator: ", "))); give each a source of its "
                + "own with \"meter\""
        case .exchangedSerial(let meter, let serial, let former):
            "meter \(meter): serial \(serial) instead of \(former): another meter, whose counters start anew"
        case .exchanged(let meter, let former, let device):
            "meter \(meter) replaces meter \(former): a new meter behind \(device)"
        case .exchangedSubmeter(let meter, let submeter, let former):
            "meter \(meter): \(submeter.medium.rawValue) meter \(submeter.id ?? "") instead of \(former) on channel "
                + "\(submeter.channel): another meter, whose counter starts anew"
        case .deviceCounts(let meter, let alias, let obis):
            "meter \(meter): \(alias) is now \(obis): its former device sent nothing new for two days"
        case .scale(let meter, let quantity, let power, let isCorrected, let place):
            Self.text(meter: meter, quantity, power: power, isCorrected: isCorrected, place: place)

        case .counterHeld(let meter, let obis, let rule, let guards, let command):
            "meter \(meter): \(Self.text(obis, heldBy: rule, guards, command: command))"
        case .tariffLate(let meter, let obis, let tariffs, let command):
            "meter \(meter): tariff \(tariffs.map(String.init).joined(separator: " and ")) appeared after the total \(obis) was known, "
                + "and did not begin at zero: the total keeps its last value. If the tariff belongs to it: \(command)"
        case .counterConfirmed(let meter, let obis, let from, let to, let unit, let bySerial):
            "meter \(meter): the counter \(obis) goes on from \(to)\(Self.unit(unit)) instead of \(from)\(Self.unit(unit)): "
                + (bySerial ? "its serial number changed" : "the new value was repeated")

        case .noDemand(let meter, let cause):
            "meter \(meter): no quarter-hour demand, though it is switched on: \(Self.text(cause))"
        case .baselineRefused(let topic, let detail, let deadLetter):
            "\(topic): \(detail): not read, so this meter starts without its last values: the next values of its counters are "
                + "accepted unchecked, and its first reading replaces this message, which is on \(deadLetter)"
        case .baselinesRefused(let count):
            "\(count) retained messages in all could not be read back; health counts them"
        case .tooManyRemarks: "too many different remarks: further ones are not logged"
        }
    }

    private static func text(_ cause: MissingForDemand) -> String {
        switch cause {
        case .counter: "its readings have no energy counter 1-0:1.8.0, and no tariffs that add up to one"
        case .steps: "its counter 1-0:1.8.0 moves in steps of more than 10 Wh, too large for a quarter of an hour"
        case .pause(let pause):
            "the values of its counter 1-0:1.8.0 are up to \(pause.minutes) min apart; the demand needs one at least every 5 min"
        }
    }

    private static func bracketed(_ place: String?) -> String { place.map { " (\($0))" } ?? "" }

    private static func unit(_ unit: Unit?) -> String { unit.map { " \($0)" } ?? "" }

    private static func text(_ remark: Remark, place: String) -> String {
        switch remark {
        case .guessedLabels(let name, let known, let count):
            return "guessed labels \(name) from \(known) of \(count) keys; write \"labels: \(name)\"\(place)"
        case .ambiguousLabels(let candidates, let keys):
            let choice = candidates.isEmpty ? "no dictionary" : candidates.joined(separator: " or ")
            let more = keys.count > 20 ? " …" : ""
            return
                "the labels \(keys.prefix(20).joined(separator: ", "))\(more) fit \(choice); write \"labels: NAME\"\(place)"
        case .betterLabels(let better, let known, let count, let name, let fewer):
            return "\(name) knows \(fewer) of \(count) labels, \(better) knows \(known) of \(count); "
                + "write \"labels: \(better)\"\(place)"
        case .unknownLabel(let label): return "no OBIS code for the label \"\(label)\", so it is not published"
        case .unreadFields(let names, let mapping):
            return "no field of the mapping \(mapping) reads \(listed(names)), so they are not published"
        case .absentFields(let names, let mapping):
            return "in ten messages there was no \(listed(names)), which the mapping \(mapping) reads"
        case .malformed(let text): return String(text.prefix(120))
        }
    }

    /// A reader may have any number of fields.
    private static func listed(_ names: [String]) -> String {
        names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
    }

    /// `meter x: counter.zero: held 1-0:1.8.0, sent 0 (source "gplug")`.
    private static func text(_ fix: Fix, meter: String, source: String) -> String {
        var text = "meter \(meter): \(fix.rule.rawValue): \(verb(fix.action))"
        if !fix.fields.isEmpty {
            text += " " + fix.fields.prefix(5).joined(separator: ", ") + (fix.fields.count > 5 ? ", …" : "")
        }
        if let original = fix.original { text += ", sent \(original.prefix(80))" }
        // The fix contains `received`, the name of the reading's own member.
        if let with = fix.with { text += ", used \(with == "received" ? "the time of arrival" : "\(with.prefix(80))")" }
        return text + " (source \"\(source)\"" + (fix.by.map { ", \($0)" } ?? "") + ")"
    }

    private static func verb(_ action: Fix.Action) -> String {
        switch action {
        case .substitute: "substituted"
        case .drop: "left out"
        case .restore: "restored"
        case .hold: "held"
        case .flag: "noticed"
        case .accept: "accepted"
        }
    }

    private static func text(
        meter: String, _ quantity: Quantity, power: Int?, isCorrected: Bool, place: String?
    ) -> String {
        let word =
            switch quantity {
            case .voltage: "voltages"
            case .current: "currents"
            case .power: "total powers"
            case .phasePower: "powers of the phases"
            case .energy: "energies"
            }
        let subject = "meter \(meter): its \(word)"
        guard let power else { return "\(subject) are right again" }
        let factor = ExactDecimal(1, exponent: power)
        let size = ExactDecimal(1, exponent: abs(power))
        let place = place.map { " at \($0)" } ?? ""
        return "\(subject) are \(size) times too \(power > 0 ? "small" : "large"), by U, I and P of an hour; "
            + (isCorrected
                ? "they are multiplied by \(factor) from now on (scale: auto\(place))"
                : "write \"scale: {\(quantity.rawValue): \(factor)}\" or \"scale: auto\"\(place)")
    }

    private static func text(
        _ obis: OBISCode, heldBy rule: Fix.Rule, _ guards: GuardSettings, command: String
    ) -> String {
        let condition = "\(guards.confirmMessages) messages in \(guards.confirmAfter.minutes) min repeat it"
        switch rule {
        case .counterZero:
            return "the counter \(obis) is suddenly 0, which is held until a changed serial number or "
                + "\"\(command)\" confirms it"
        case .counterJump:
            return
                "the counter \(obis) rises faster than the connection allows; the value is held until \(condition) or "
                + "\"\(command)\" confirms it; \"max_power\" below guards: in the profile is the limit"
        default:
            return "the counter \(obis) falls; the value is held until \(condition), its serial number changes or "
                + "\"\(command)\" confirms it"
        }
    }
}
