// SPDX-License-Identifier: Apache-2.0

/// The installed meter: what the bridge has learned of this very instrument. After an exchange nothing is known of the
/// new instrument yet.
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
    /// The parts of its totals.
    var totals = Totals()
    /// The newest time of the meter's or reader's own clock.
    var order = OrderWatch()
    /// How long its own clock has shown the same time.
    var clockStillness: Stillness?

    /// Merges the state of the same instrument under another id: what is unknown here is taken from `other`. The judges
    /// of its order and of its counters continue with what they saw here.
    mutating func complete(with other: Instrument) {
        model = model ?? other.model
        if submeters.isEmpty { submeters = other.submeters }
        if netting == Netting() { netting = other.netting }
        if totals == Totals() { totals = other.totals }
    }
}
