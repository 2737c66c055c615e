// SPDX-License-Identifier: Apache-2.0

/// Removes values from a reading that its counters cannot have reached, and reports them.
struct CounterStep {
    let setup: PipelineSetup

    static let rules: [Fix.Rule] = [
        .counterDecrease, .counterZero, .counterJump, .counterRounding, .counterConfirmed,
    ]

    func apply(_ draft: inout Draft, rules: inout RegisterRules, meter: inout MeterState, _ journal: inout Journal) {
        let judge = CounterGuard(settings: setup.profile.guards)
        var removed: Set<OBISCode> = []
        for index in draft.registers.indices {
            let (obis, unit) = (draft.registers[index].obis, draft.registers[index].unit)
            guard let value = draft.registers[index].number, rules.isCounter(obis, unit) else { continue }
            let sample = CounterGuard.Sample(
                value: value, unit: unit, time: draft.registers[index].time ?? draft.time,
                received: draft.origin.received)
            let baseline = meter.baseline(of: obis, near: index)
            let verdict: CounterGuard.Verdict
            if let baseline {
                let limit = GrowthLimit(
                    unit, settings: setup.profile.guards, phases: meter.phases.count, maxPower: meter.settings.maxPower)
                verdict = judge.judge(sample, baseline: baseline, held: meter.instrument.held[obis], limit: limit)
            } else {
                verdict = judge.judgeFirst(sample, hasLivingPeer: hasLivingPeer(obis, draft, meter))
            }
            if case .held(let row) = verdict, hold(row, obis, value, &draft.fixes) {
                say(row.rule, obis, of: meter, &journal)
                meter.hold(obis, row)
                removed.insert(obis)
                continue
            }
            meter.believe(obis)
            switch verdict {
            case .good, .held: break
            case .rounding:
                guard let baseline else { continue }
                let fix = Fix(
                    .counterRounding, fields: [obis.description], action: .substitute, original: value.description,
                    with: baseline.value.description)
                if draft.fixes.decide(fix, for: .counterRounding) {
                    draft.registers[index] = draft.registers[index].replacing(baseline.value)
                }
            case .confirmed(let confirmation):
                if let before = baseline?.value {
                    journal.say(
                        .counterConfirmed(
                            meter: meter.id, obis, from: before, to: value, unit, bySerial: confirmation == .serial))
                }
                draft.fixes.record(Self.confirmed(obis, value, from: baseline?.value, by: confirmation))
            }
        }
        guard !removed.isEmpty else { return }
        draft.registers.removeAll { removed.contains($0.obis) }
    }

    private func hold(
        _ row: HeldCounter, _ obis: OBISCode, _ value: ExactDecimal, _ fixes: inout FixDecisions
    ) -> Bool {
        fixes.decide(
            Fix(row.rule, fields: [obis.description], action: .hold, original: value.description), for: row.rule)
    }

    /// True when another counter of the same device is above zero; an M-Bus device is a device of its own.
    private func hasLivingPeer(_ obis: OBISCode, _ draft: Draft, _ meter: MeterState) -> Bool {
        func isPeer(_ other: RegisterValue) -> Bool {
            guard other.obis != obis, other.obis.a == obis.a, other.obis.b == obis.b,
                setup.profile.isCounter(other.obis),
                case .number(let value) = other.value
            else { return false }
            return value > .zero
        }
        return draft.registers.contains(where: isPeer) || meter.registers.contains { isPeer($0.value) }
    }

    /// The record of a value that is accepted after all.
    static func confirmed(
        _ obis: OBISCode, _ value: ExactDecimal, from baseline: ExactDecimal?, by: CounterGuard.Confirmation
    ) -> Fix {
        Fix(
            .counterConfirmed, fields: [obis.description], action: .accept, original: baseline?.description,
            with: value.description, by: by.rawValue)
    }

    private func say(_ rule: Fix.Rule, _ obis: OBISCode, of meter: MeterState, _ journal: inout Journal) {
        journal.say(
            .counterHeld(
                meter: meter.id, obis, rule, setup.profile.guards,
                command: "obis-bridge accept \(meter.id)\(setup.settings.commandOptions)"))
    }
}
