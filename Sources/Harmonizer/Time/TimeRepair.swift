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

    func repaired(_ telegram: Telegram, received: Timestamp) -> Result {
        guard let raw = telegram.time else { return substitute(.timeMissing, original: nil, received: received) }
        guard let time = raw.instant(in: zone, near: received) else {
            return substitute(.timeInvalid, original: raw.text, received: received)
        }
        var usedZone = true
        if case .instant = raw { usedZone = false }
        if time < profile.earliestTime {
            switch policies.policy(.timeUnsynced) {
            case .fix, .reject: return substitute(.timeUnsynced, original: raw.text, received: received)
            case .flag:
                let fix = Fix(.timeUnsynced, fields: ["time"], action: .flag, original: raw.text)
                return Result(time: time, clock: telegram.clock, fix: fix, usedZone: usedZone)
            case .off: break
            }
        }
        return Result(time: time, clock: telegram.clock, fix: nil, usedZone: usedZone)
    }

    private func substitute(_ rule: Fix.Rule, original: String?, received: Timestamp) -> Result {
        let fix = Fix(rule, fields: ["time"], action: .substitute, original: original, with: "received")
        return Result(
            time: received.wholeSeconds, clock: .bridge, fix: policies.policy(rule) == .off ? nil : fix)
    }
}
