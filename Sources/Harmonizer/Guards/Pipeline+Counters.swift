// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Takes out of a reading what its counters cannot have come to, and says so in `fixes`.
    ///
    /// - Parameter policies: what happens for each rule in the messages of this source.
    mutating func guardCounters(
        of reading: inout Reading, meter: Int, fixes: inout [Fix], policies: FixPolicies
    ) {
        let judge = CounterGuard(settings: profile.guards)
        var removed: Set<OBISCode> = []
        for index in reading.registers.indices {
            let (obis, unit) = (reading.registers[index].obis, reading.registers[index].unit)
            guard case .number(let value) = reading.registers[index].value, setup.rules.rule(obis, unit).isCounter
            else {
                continue
            }
            let sample = CounterGuard.Sample(
                value: value, unit: unit, time: reading.registers[index].time ?? reading.time,
                received: reading.received)
            let baseline = meters[meter].baseline(of: obis)
            let verdict: CounterGuard.Verdict
            if let baseline {
                let limit = GrowthLimit(
                    unit, settings: profile.guards, phases: meters[meter].phases.count,
                    maxPower: meters[meter].maxPower)
                verdict = judge.judge(
                    sample, baseline: baseline, held: meters[meter].held[obis], limit: limit)
            } else {
                let hasPeer = hasLivingPeer(obis, reading: reading, meter: meter)
                verdict = judge.judgeFirst(sample, hasLivingPeer: hasPeer)
            }
            switch verdict {
            case .good:
                meters[meter].believe(obis)
            case .rounding:
                meters[meter].believe(obis)
                guard let baseline, policies.policy(.counterRounding) != .off else { continue }
                let isKept = policies.policy(.counterRounding) == .flag
                fixes.join(
                    Fix(
                        .counterRounding, fields: [obis.description], action: isKept ? .flag : .substitute,
                        original: value.description, with: isKept ? nil : baseline.value.description))
                if !isKept { reading.registers[index].value = .number(baseline.value) }
            case .confirmed(let confirmation):
                meters[meter].believe(obis)
                sayConfirmed(reading.registers[index], from: baseline?.value, by: confirmation, meter: meter)
                fixes.join(Self.confirmed(obis, value, from: baseline?.value, by: confirmation))
            case .held(let row):
                let rule = row.rule
                guard policies.policy(rule) != .off else {
                    meters[meter].believe(obis)
                    continue
                }
                let isKept = policies.policy(rule) == .flag
                fixes.join(
                    Fix(
                        rule, fields: [obis.description], action: isKept ? .flag : .hold,
                        original: value.description))
                guard !isKept else {
                    meters[meter].believe(obis)
                    continue
                }
                sayHeld(obis, rule: rule, meter: meter)
                meters[meter].hold(obis, row)
                removed.insert(obis)
            }
        }
        guard !removed.isEmpty else { return }
        reading.registers.removeAll { removed.contains($0.obis) }
    }

    /// True when another counter of the same device stands above zero: those of an M-Bus device are its own.
    private func hasLivingPeer(_ obis: OBISCode, reading: Reading, meter: Int) -> Bool {
        func isPeer(_ other: RegisterValue) -> Bool {
            guard other.obis != obis, other.obis.a == obis.a, other.obis.b == obis.b, profile.isCounter(other.obis),
                case .number(let value) = other.value
            else { return false }
            return value > .zero
        }
        return reading.registers.contains(where: isPeer) || meters[meter].registers.contains { isPeer($0.value) }
    }

    static func confirmed(
        _ obis: OBISCode, _ value: ExactDecimal, from baseline: ExactDecimal?, by: CounterGuard.Confirmation
    ) -> Fix {
        Fix(
            .counterConfirmed, fields: [obis.description], action: .accept, original: baseline?.description,
            with: value.description, by: by.rawValue)
    }

    // MARK: - What people read

    private mutating func sayHeld(_ obis: OBISCode, rule: Fix.Rule, meter: Int) {
        let id = meters[meter].id
        let guards = profile.guards
        let condition = "\(guards.confirmMessages) messages in \(guards.confirmAfter / 60_000) min repeat it"
        let command = "obis-bridge accept \(id)\(settings.commandOptions)"
        let sentence =
            switch rule {
            case .counterZero:
                "the counter \(obis) is suddenly 0, which is held until a changed serial number or "
                    + "\"\(command)\" confirms it"
            case .counterJump:
                "the counter \(obis) rises faster than the connection allows; the value is held until \(condition) or "
                    + "\"\(command)\" confirms it; \"max_power\" below guards: in the profile is the limit"
            default:
                "the counter \(obis) falls; the value is held until \(condition), its serial number changes or "
                    + "\"\(command)\" confirms it"
            }
        say(Diagnostic(.warning, "meter \(id): \(sentence)"))
    }

    private mutating func sayConfirmed(
        _ register: RegisterValue, from baseline: ExactDecimal?, by: CounterGuard.Confirmation, meter: Int
    ) {
        guard case .number(let value) = register.value, let baseline else { return }
        let cause = by == .serial ? "its serial number changed" : "the new value was repeated"
        let unit = register.unit.map { " \($0)" } ?? ""
        say(
            Diagnostic(
                .warning,
                "meter \(meters[meter].id): the counter \(register.obis) goes on from \(value)\(unit) instead of "
                    + "\(baseline)\(unit): \(cause)"))
    }
}
