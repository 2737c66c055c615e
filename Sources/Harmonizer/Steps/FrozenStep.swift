// SPDX-License-Identifier: Apache-2.0

/// Flags a reading whose content cannot be the present state of the grid.
struct FrozenStep {
    static let rules: [Fix.Rule] = [.contentFrozen]

    func apply(_ draft: inout Draft, meter: MeterState) {
        let frozen = FrozenContent.evidence(in: draft, meter: meter)
        if !frozen.isEmpty { draft.fixes.record(Fix(.contentFrozen, fields: frozen, action: .flag)) }
    }
}

/// Finds frozen content: a reader that repeats its last telegram for ever looks alive.
///
/// Most registers may rest for weeks (a photovoltaic meter at night, a heat pump in summer), so unchanged values are
/// not a fault. The meter's own clock, the voltage and the frequency do not rest; and power without energy is a
/// contradiction.
enum FrozenContent {
    /// The fields that show it; empty when nothing does, or when any register changed.
    static func evidence(in draft: Draft, meter: MeterState) -> [String] {
        if let clock = meter.instrument.clockStillness, draft.clock == .meter, meter.newest?.time == draft.time,
            clock.isLong(at: draft.origin.received)
        {
            return ["time"]
        }
        var restless: [OBISCode] = []
        var energy: Set<OBISCode> = []
        var power: [(obis: OBISCode, watts: ExactDecimal, since: Timestamp)] = []
        for index in draft.registers.indices where !draft.registers[index].isDerived {
            let register = draft.registers[index]
            guard let position = meter.position(of: register.obis),
                let stillness = meter.registers[position].stillness, stillness.isLong(at: draft.origin.received),
                meter.registers[position].value.value == register.value
            else { return [] }
            guard register.obis.a == 1, case .number(let number) = register.value, !number.isZero else { continue }
            if isRestless(register) { restless.append(register.obis) }
            if [1, 2].contains(register.obis.c), register.obis.d == 7, register.unit?.symbol == "W" {
                power.append((register.obis, number, stillness.since))
            }
            if [1, 2].contains(register.obis.c), register.obis.d == 8 { energy.insert(register.obis) }
        }
        // One voltage in whole volts may stay constant; two voltages, or a frequency with it, do not on a living grid.
        if restless.count >= 2 { return restless.map(\.description) }
        for (obis, watts, since) in power {
            let counter = OBISCode(1, 0, obis.c, 8, 0)
            guard energy.contains(counter) else { continue }
            // 0.1 kWh is ten times what the coarsest household meter shows.
            let least = 360_000_000 / max(1, (draft.origin.received - since).milliseconds)
            guard watts >= ExactDecimal(least + 1) else { continue }
            return [obis.description, counter.description]
        }
        return []
    }

    /// Voltages and the frequency: on a living grid they differ from message to message.
    private static func isRestless(_ register: RegisterValue) -> Bool {
        guard register.obis.d == 7 else { return false }
        return [12, 32, 52, 72].contains(register.obis.c) || register.obis.c == 14
    }
}
