// SPDX-License-Identifier: Apache-2.0

/// The meter on the wall: what was learned of this very instrument. Another one hangs there after an exchange, and of that nothing
/// is known yet.
struct Instrument: Sendable {
    var model: MeterModel?
    /// The devices on its M-Bus.
    var submeters: [Submeter] = []
    /// The ids that its M-Bus devices had, by channel.
    var submeterIDs: [Int: Set<String>] = [:]
    /// Values of counters that are not believed yet.
    var held: [OBISCode: HeldCounter] = [:]
    /// Whether two meters send under its id.
    var collisions = CollisionWatch()
    /// Whether it nets its phases.
    var netting = Netting()
    /// What its totals are made of.
    var totals = Totals()
    /// The newest time of the meter's or reader's own clock.
    var order = OrderWatch()
    /// How long its own clock shows the same.
    var clockStillness: Stillness?

    /// The same instrument under another id: what is not known of it here is taken from there. The judges of its order and of its
    /// counters go on with what they saw here.
    mutating func complete(with other: Instrument) {
        model = model ?? other.model
        if submeters.isEmpty { submeters = other.submeters }
        if netting == Netting() { netting = other.netting }
        if totals == Totals() { totals = other.totals }
    }
}
