// SPDX-License-Identifier: Apache-2.0

/// Adds the quarter-hour demand of a meter that does not send it: the running quarter, the one before, and the highest of the month.
struct DemandStep: Sendable {
    private let running: Row
    private let last: Row
    private let peak: Row

    private struct Row {
        let obis: OBISCode
        let unit: Unit?
    }

    private static let watt = Unit("W")
    private static let kilowattHour = Unit("kWh")
    /// The decimals that a counter in kWh needs for steps that are fine enough: 10 Wh are 40 W over a quarter hour.
    private static let digits = 2

    init(_ profile: Profile) {
        func row(_ obis: OBISCode) -> Row { Row(obis: obis, unit: profile.register(obis)?.units.first ?? Self.watt) }
        running = row(Demand.Registers.running)
        last = row(Demand.Registers.last)
        peak = row(Demand.Registers.peak)
    }

    /// - Parameter isPrimary: false for a stand-in, whose counter may lag behind.
    func apply(_ draft: inout Draft, meter: inout MeterState, isPrimary: Bool, _ journal: inout Journal) {
        guard meter.settings.demandFloor != nil, isPrimary else { return }
        let counter = draft.registers.first { $0.obis == Demand.Registers.energy }
        let energy = counter?.number(in: Self.kilowattHour)
        if let counter, let energy { take(energy, counter, &draft, &meter) }
        // A meter that sends its own demand needs no computed one.
        guard !meter.isSent(peak.obis) else { return }
        let demand = meter.demand
        let cause = meter.demandWatch?.take(
            energy: energy, isFine: demand != nil, hasAverage: demand?.last != nil, at: draft.origin.received)
        if let cause { journal.say(.noDemand(meter: meter.id, cause)) }
    }

    /// Takes in the counter, and adds the demand that follows from it.
    private func take(
        _ energy: ExactDecimal, _ counter: RegisterValue, _ draft: inout Draft, _ meter: inout MeterState
    ) {
        // For a value that waited and has no time of its own, the time is unknown.
        if draft.clock == .bridge, draft.isDelayed { return }
        if Self.isCorrected(draft.fixes.all) { meter.demand?.loseTrack() }
        let time = counter.time ?? draft.time
        let sample = Demand.Sample(time: time, energy: energy)
        if meter.demand != nil {
            meter.demand?.take(sample, in: draft.zone)
        } else if -energy.exponent >= Self.digits {
            meter.demand = Demand(sample, in: draft.zone)
        }
        guard let demand = meter.demand else { return }
        add(running, demand.running, at: time, to: &draft, meter)
        add(last, demand.last, at: demand.begin, to: &draft, meter)
        add(peak, demand.month.peak?.power, at: demand.month.peak?.end ?? time, to: &draft, meter)
    }

    private func add(
        _ row: Row, _ power: ExactDecimal?, at time: Timestamp, to draft: inout Draft, _ meter: MeterState
    ) {
        guard let power, let unit = row.unit, let factor = Self.watt?.powerOfTen(to: unit), !meter.isSent(row.obis),
            !draft.registers.contains(where: { $0.obis == row.obis })
        else { return }
        draft.registers.append(
            RegisterValue(
                obis: row.obis, value: .number(power.scaled(byPowerOfTen: factor)), unit: unit,
                time: time == draft.time ? nil : time, isDerived: true))
    }

    /// True for a reading from which the counter, or a tariff of it, continues at another value.
    private static func isCorrected(_ fixes: [Fix]) -> Bool {
        fixes.contains { fix in
            fix.rule == .counterConfirmed && fix.fields.contains { $0.hasPrefix("1-0:1.8.") }
        }
    }
}
