// SPDX-License-Identifier: Apache-2.0

/// Decides which instant a telegram is from, and says so where its own time is missing, wrong or doubtful.
struct TimeRepair {
    let limits: TimeLimits
    let policies: FixPolicies
    let zone: Zone

    struct Result {
        var time: Timestamp
        var clock: Telegram.Clock
        var fixes: [Fix] = []
        /// True when the zone decided which instant a clock face means.
        var usedZone = false
        /// True when the message waited somewhere.
        var isDelayed = false
    }

    /// - Parameter watch: what is known about the clock of the device.
    func repaired(_ telegram: Telegram, arrival: Arrival, watch: inout ClockWatch) -> Result {
        guard let raw = telegram.time else { return substitute(.timeMissing, original: nil, arrival: arrival) }
        guard let sent = raw.instant(in: zone, near: arrival.received) else {
            return substitute(.timeInvalid, original: raw.text, arrival: arrival)
        }
        var result = Result(time: sent, clock: telegram.clock, usedZone: true)
        if case .instant = raw { result.usedZone = false }
        if sent < limits.earliest { return judged(result, by: .timeUnsynced, raw: raw, arrival: arrival) }
        let verdict = watch.judge(sent, arrival: arrival, zoneOffset: zone.offset(at: arrival.received))
        result.isDelayed = verdict.isDelayed
        correct(&result, verdict, raw: raw)
        if let rule = doubt(about: result.time, arrival: arrival, isDelayed: verdict.isDelayed) {
            return judged(result, by: rule, raw: raw, arrival: arrival)
        }
        return result
    }

    /// Whole hours are a zone that someone forgot; the rest is a clock that nobody sets.
    private func correct(_ result: inout Result, _ verdict: ClockWatch.Verdict, raw: RawTime) {
        if verdict.hours != 0, policies.policy(.timeZoneError) != .off {
            var fix = Fix(.timeZoneError, fields: ["time"], action: .flag, original: raw.text)
            if policies.policy(.timeZoneError) != .flag {
                result.time = result.time.adding(milliseconds: Int64(verdict.hours) * -3_600_000)
                fix.action = .substitute
                fix.with = verdict.hours > 0 ? "\(-verdict.hours) h" : "+\(-verdict.hours) h"
            }
            result.fixes.append(fix)
        } else if verdict.isSuspect, policies.policy(.timeZoneError) != .off {
            result.fixes.append(Fix(.timeZoneError, fields: ["time"], action: .flag, original: raw.text))
        }
        guard let skew = verdict.skew, abs(skew) > limits.skew, policies.policy(.timeSkew) != .off else { return }
        var fix = Fix(.timeSkew, fields: ["time"], action: .flag, original: raw.text)
        if policies.policy(.timeSkew) == .fix {
            result.time = result.time.adding(milliseconds: -skew / 1000 * 1000)
            fix.action = .substitute
            fix.with = skew > 0 ? "\(-skew / 1000) s" : "+\(-skew / 1000) s"
        }
        result.fixes.append(fix)
    }

    private func doubt(about time: Timestamp, arrival: Arrival, isDelayed: Bool) -> Fix.Rule? {
        let age = arrival.received.milliseconds(since: time)
        if -age > limits.maxAhead { return .timeFuture }
        return age > limits.maxAge && !isDelayed && !arrival.isRetained ? .timeTooOld : nil
    }

    private func judged(_ result: Result, by rule: Fix.Rule, raw: RawTime, arrival: Arrival) -> Result {
        var result = result
        switch policies.policy(rule) {
        case .fix, .reject: return substitute(rule, original: raw.text, arrival: arrival)
        case .flag: result.fixes.append(Fix(rule, fields: ["time"], action: .flag, original: raw.text))
        case .off: break
        }
        return result
    }

    /// The time of arrival; of a message that was queued it is only the latest there can be.
    private func substitute(_ rule: Fix.Rule, original: String?, arrival: Arrival) -> Result {
        var fix = Fix(rule, fields: ["time"], action: .substitute, original: original, with: "received")
        if arrival.isQueued { fix.earliest = arrival.previous?.wholeSeconds }
        return Result(
            time: arrival.received.wholeSeconds, clock: .bridge, fixes: policies.policy(rule) == .off ? [] : [fix],
            isDelayed: arrival.isQueued)
    }
}
