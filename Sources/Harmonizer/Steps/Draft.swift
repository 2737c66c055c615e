// SPDX-License-Identifier: Apache-2.0

/// A reading in the making.
struct Draft {
    let origin: Origin
    /// Where the meter's clock stands.
    let zone: Zone
    /// When its values were true; the arrival until its own time is known.
    var time: Timestamp
    var clock = Telegram.Clock.bridge
    var order = ReadingOrder.current
    /// What was found out about the meter's own clock, which stamps captures of registers too.
    var ownClock = OwnClock.believed
    /// True when it waited somewhere.
    var isDelayed = false
    var registers: [RegisterValue] = []
    /// What was decided about it.
    var fixes: FixDecisions

    init(origin: Origin, zone: Zone, policies: FixPolicies) {
        self.origin = origin
        self.zone = zone
        time = origin.received
        fixes = FixDecisions(policies)
    }

    /// The reading, without an id.
    consuming func reading(of meter: String) -> Reading {
        Reading(
            meter: meter, id: "", time: time, clock: clock, order: order, isDelayed: isDelayed,
            received: origin.received, registers: registers, fixes: fixes.all, origin: origin)
    }
}

/// What the time of a telegram says about the other stamps of the same clock.
enum OwnClock {
    /// Nothing against them.
    case believed
    /// They are ahead by so much.
    case ahead(TimeSpan, Fix.Rule)
    /// They say nothing.
    case disbelieved(Fix.Rule)
}
