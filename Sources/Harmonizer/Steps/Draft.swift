// SPDX-License-Identifier: Apache-2.0

/// A reading in the making.
struct Draft {
    let origin: Origin
    /// The time zone of the meter's clock.
    let zone: Zone
    /// When its values were true; the arrival until its own time is known.
    var time: Timestamp
    var clock = Telegram.Clock.bridge
    var order = ReadingOrder.current
    /// What is known about the meter's own clock, which also stamps captures of registers.
    var ownClock = OwnClock.believed
    /// True when its message waited on the way.
    var isDelayed = false
    var registers: [RegisterValue] = []
    /// The decisions about its repairs.
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
    /// They are believed.
    case believed
    /// They are ahead by this span.
    case ahead(TimeSpan, Fix.Rule)
    /// They are not believed.
    case disbelieved(Fix.Rule)
}
