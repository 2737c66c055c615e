// SPDX-License-Identifier: Apache-2.0

/// One meter for display: its newest values, and what a viewer has to know about each. `state` is the same for
/// programs.
package struct MeterGlance: Sendable, Equatable {
    /// The meter's id.
    package var id: String
    /// Its name for people, from `meters:`; nil for none.
    package var name: String?
    /// What it measures, from `meters:`; nil when that is not configured.
    package var role: MeterRole?
    /// The name of the tariff in force; nil when unknown.
    package var tariffName: String?
    /// Its serial as received; nil while no message carried one.
    package var serial: String?
    package var manufacturer: String?
    package var model: String?
    /// Nil until the meter is heard.
    package var isOnline: Bool?
    /// The newest reading: its time, whose clock that is, and when the reading arrived.
    package var time: Timestamp
    package var clock: Telegram.Clock
    package var received: Timestamp
    /// The usual time between two readings; nil until it is known.
    package var interval: TimeSpan?
    /// Its registers, in the order in which they were first seen.
    package var registers: [Register]
    /// How many of all its registers are held (not believed yet), and how many are stale (not refreshed).
    package var held: Int
    package var stale: Int
    /// How many of its readings needed each rule.
    package var fixes: [Fix.Rule: Int]
    /// The devices that send for it, the primary first.
    package var devices: [Device]
    /// Demand figures that are not registers; nil while its quarter-hour demand is not computed.
    package var demand: DemandFigures?

    /// The demand of a quarter hour and of a year, in the units of 1-0:1.4.0 and 1-0:1.6.0.
    package struct DemandFigures: Sendable, Equatable {
        /// The demand of the running quarter hour at its end, if the power stays.
        package var expected: ExactDecimal?
        /// The mean of the last twelve monthly peaks.
        package var year: ExactDecimal?
        /// The least that each of them counts, in W.
        package var floor: ExactDecimal
    }

    /// One register.
    package struct Register: Sendable, Equatable {
        package var value: RegisterValue
        /// When the value was true, and when it arrived.
        package var time: Timestamp
        package var received: Timestamp
        /// Its alias with the medium filled in; nil for none.
        package var alias: String?
        /// The value that is not believed yet; nil when `value` is the newest one.
        package var held: ExactDecimal?
        /// True when it was not refreshed for three of its intervals.
        package var isStale: Bool
        /// True for a value of the previous meter.
        package var isPrevious: Bool
    }

    /// A device that sends for a meter.
    package struct Device: Sendable, Equatable {
        /// The name of the source.
        package var source: String
        package var topic: String
        /// How far its clock is ahead, in whole seconds; nil while it is right or unknown.
        package var clock: TimeSpan?
    }

    /// Nil before the first reading, and for a meter without devices.
    ///
    /// - Parameter aliases: the registers to show; nil for all.
    init?(_ meter: MeterState, aliases: Set<String>? = nil) {
        guard let newest = meter.newest, meter.isListed else { return nil }
        id = meter.id
        name = meter.settings.name
        role = meter.settings.role
        tariffName = meter.tariffName
        serial = meter.serial
        manufacturer = meter.instrument.model?.manufacturer
        model = meter.instrument.model?.model
        isOnline = meter.isOnline
        (time, clock, received) = newest
        interval = meter.interval
        registers = meter.registers.compactMap { register in
            if let aliases, !(register.alias.map(aliases.contains) ?? false) { return nil }
            let obis = register.value.obis
            return Register(
                value: register.value, time: register.time, received: register.received, alias: register.alias,
                held: meter.instrument.held[obis]?.value, isStale: register.isStale,
                isPrevious: meter.previous.contains(obis))
        }
        held = meter.instrument.held.count
        stale = meter.registers.count(where: \.isStale)
        fixes = meter.ledger.counts
        demand = meter.settings.demandFloor.map { floor in
            DemandFigures(
                expected: NamedValue.expectedDemand.value(in: meter), year: NamedValue.yearlyDemand.value(in: meter),
                floor: floor)
        }
        devices = meter.devices.map { Device(source: $0.source, topic: $0.topic, clock: $0.clock) }
    }
}
