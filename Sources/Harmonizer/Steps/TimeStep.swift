// SPDX-License-Identifier: Apache-2.0

/// Decides which instant a telegram is from, and records where its own time is missing, wrong or doubtful.
struct TimeStep {
    let setup: PipelineSetup

    private var limits: TimeLimits { setup.profile.time }

    static let rules: [Fix.Rule] = [
        .timeMissing, .timeUnsynced, .timeInvalid, .timeZoneError, .timeSkew, .timeFuture, .timeTooOld,
    ]

    /// - Parameter clock: what is known about the clock of the device.
    func apply(
        _ draft: inout Draft, _ telegram: Telegram, clock: inout ClockWatch, meter: inout MeterState, sender: Sender,
        source: Source, _ journal: inout Journal
    ) {
        let learned = clock.learned
        judge(&draft, telegram, &clock)
        if clock.learned != learned { say(clock, of: &meter, sender: sender, source: source, &journal) }
        // The zone decided which instant a clock face means.
        guard draft.clock != .bridge, let raw = telegram.time else { return }
        if case .instant = raw { return }
        meter.note(.zone(draft.zone.identifier))
    }

    private func judge(_ draft: inout Draft, _ telegram: Telegram, _ watch: inout ClockWatch) {
        let arrival = draft.origin.arrival
        guard let raw = telegram.time else {
            substitute(&draft)
            return draft.fixes.record(substitution(.timeMissing, original: nil, arrival))
        }
        guard let sent = raw.instant(in: draft.zone, near: arrival.received) else {
            substitute(&draft)
            return draft.fixes.record(substitution(.timeInvalid, original: raw.text, arrival))
        }
        draft.time = sent
        draft.clock = telegram.clock
        if sent < limits.earliest {
            if draft.fixes.decide(substitution(.timeUnsynced, original: raw.text, arrival), for: .timeUnsynced) {
                substitute(&draft)
                if telegram.clock == .meter { draft.ownClock = .disbelieved(.timeUnsynced) }
            }
            return
        }
        let verdict = watch.judge(sent, arrival: arrival, zoneOffset: draft.zone.offset(at: arrival.received))
        draft.isDelayed = verdict.isDelayed
        let (corrected, fixes) = corrected(draft, verdict, raw: raw) ?? (sent, nil)
        if let rule = doubt(about: corrected, arrival: arrival, isDelayed: verdict.isDelayed),
            draft.fixes.decide(substitution(rule, original: raw.text, arrival), for: rule)
        {
            // The correction of a time is of no interest once the time is not believed at all.
            if telegram.clock == .meter { draft.ownClock = .disbelieved(rule) }
            return substitute(&draft)
        }
        draft.time = corrected
        guard let fixes else { return }
        draft.fixes.take(fixes)
        let shift = sent - corrected
        if shift != .zero, telegram.clock == .meter {
            draft.ownClock = .ahead(shift, verdict.hours != 0 ? .timeZoneError : .timeSkew)
        }
    }

    /// Whole hours are a wrong time zone; the rest is a clock that is not set. Nil for a correct time.
    private func corrected(_ draft: Draft, _ verdict: ClockWatch.Verdict, raw: RawTime) -> (Timestamp, FixDecisions)? {
        let skew = verdict.skew.flatMap { $0.magnitude > limits.skew ? $0 : nil }
        guard verdict.hours != 0 || verdict.isSuspect || skew != nil else { return nil }
        var (time, fixes) = (draft.time, draft.fixes.none)
        if verdict.hours != 0 {
            let with = verdict.hours > 0 ? "\(-verdict.hours) h" : "+\(-verdict.hours) h"
            let fix = Fix(.timeZoneError, fields: ["time"], action: .substitute, original: raw.text, with: with)
            if fixes.decide(fix, for: .timeZoneError) { time -= .hours(Int64(verdict.hours)) }
        } else if verdict.isSuspect {
            fixes.record(Fix(.timeZoneError, fields: ["time"], action: .flag, original: raw.text))
        }
        if let skew {
            let with = skew > .zero ? "\(-skew.seconds) s" : "+\(-skew.seconds) s"
            let fix = Fix(.timeSkew, fields: ["time"], action: .substitute, original: raw.text, with: with)
            if fixes.decide(fix, for: .timeSkew) { time -= skew.wholeSeconds }
        }
        return (time, fixes)
    }

    private func doubt(about time: Timestamp, arrival: Arrival, isDelayed: Bool) -> Fix.Rule? {
        let age = arrival.received - time
        if -age > limits.maxAhead { return .timeFuture }
        return age > limits.maxAge && !isDelayed && !arrival.isRetained ? .timeTooOld : nil
    }

    /// Substitutes the time of arrival; for a message that was queued, that is only the latest possible time.
    private func substitute(_ draft: inout Draft) {
        draft.time = draft.origin.received.wholeSeconds
        draft.clock = .bridge
        draft.isDelayed = draft.origin.arrival.isQueued
    }

    private func substitution(_ rule: Fix.Rule, original: String?, _ arrival: Arrival) -> Fix {
        var fix = Fix(rule, fields: ["time"], action: .substitute, original: original, with: "received")
        if arrival.isQueued { fix.earliest = arrival.previous?.wholeSeconds }
        return fix
    }

    /// Stores what was learned about a device's clock where a restarted bridge finds it, and reports it.
    private func say(
        _ clock: ClockWatch, of meter: inout MeterState, sender: Sender, source: Source, _ journal: inout Journal
    ) {
        guard let learned = clock.learned else { return }
        let isOff = clock.hours != 0 || learned.magnitude > limits.skew
        let isNews = meter.setClock(isOff ? learned.wholeSeconds : nil, source: sender.source, device: sender.device)
        guard isNews, isOff else { return }
        journal.say(
            .clockOff(
                meter: meter.id, source: source.name, place: source.place, learned, hours: clock.hours))
    }
}
