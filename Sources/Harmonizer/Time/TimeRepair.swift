// SPDX-License-Identifier: Apache-2.0

/// Decides which instant a telegram is from, and says so where the bridge's clock had to stand in.
struct TimeRepair {
    let profile: Profile
    let policies: FixPolicies
    let zone: Zone

    struct Result {
        var time: Timestamp
        var clock: Telegram.Clock
        var fix: Fix?
        /// True when the zone decided which instant a clock face means.
        var usedZone = false
    }

    /// - Parameter isStored: true for a message that the broker or the reader kept: it may be honestly old.
    func repaired(_ telegram: Telegram, received: Timestamp, isStored: Bool) -> Result {
        guard let raw = telegram.time else { return substitute(.timeMissing, original: nil, received: received) }
        guard let time = raw.instant(in: zone, near: received) else {
            return substitute(.timeInvalid, original: raw.text, received: received)
        }
        var usedZone = true
        if case .instant = raw { usedZone = false }
        var result = Result(time: time, clock: telegram.clock, fix: nil, usedZone: usedZone)
        guard let rule = doubt(about: time, received: received, isStored: isStored) else { return result }
        switch policies.policy(rule) {
        case .fix, .reject: return substitute(rule, original: raw.text, received: received)
        case .flag: result.fix = Fix(rule, fields: ["time"], action: .flag, original: raw.text)
        case .off: break
        }
        return result
    }

    private func doubt(about time: Timestamp, received: Timestamp, isStored: Bool) -> Fix.Rule? {
        if time < profile.time.earliest { return .timeUnsynced }
        let age = received.milliseconds(since: time)
        if -age > profile.time.maxAhead { return .timeFuture }
        return age > profile.time.maxAge && !isStored ? .timeTooOld : nil
    }

    private func substitute(_ rule: Fix.Rule, original: String?, received: Timestamp) -> Result {
        let fix = Fix(rule, fields: ["time"], action: .substitute, original: original, with: "received")
        return Result(
            time: received.wholeSeconds, clock: .bridge, fix: policies.policy(rule) == .off ? nil : fix)
    }
}
