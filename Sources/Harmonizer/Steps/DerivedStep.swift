// SPDX-License-Identifier: Apache-2.0

/// Adds the registers that the profile computes from others. Those of momentary values are made of values of one instant only: a
/// battery acts on the net power, and an import of now minus an export of ten seconds ago was never true.
struct DerivedStep {
    let setup: PipelineSetup
    let rules: RegisterRules

    private var quiet: Int64 { setup.profile.groups.quiet }

    /// - Parameters:
    ///   - isPrimary: false for a stand-in, which says nothing about its meter's usual sender.
    ///   - mayRepeat: true for a reader that repeats old values.
    func apply(
        _ reading: inout Reading, meter: inout MeterState, isPrimary: Bool, mayRepeat: Bool
    ) {
        let net = net(of: reading, meter: &meter, isPrimary: isPrimary, mayRepeat: mayRepeat)
        var derived: [RegisterValue] = []
        for rule in setup.profile.derived where !meter.isSent(rule.obis) {
            guard !reading.registers.contains(where: { $0.obis == rule.obis }),
                reading.registers.contains(where: { rule.add.contains($0.obis) || rule.subtract.contains($0.obis) }),
                let value = rule.isNetPower
                    ? value(by: rule, net, reading, meter) : value(by: rule, reading, meter)
            else { continue }
            derived.append(
                RegisterValue(obis: rule.obis, value: .number(value), unit: rules.unit(of: rule.obis), isDerived: true))
        }
        reading.registers += derived
    }

    /// What a reading says about the net power of its meter.
    private func net(
        of reading: Reading, meter: inout MeterState, isPrimary: Bool, mayRepeat: Bool
    ) -> Netting.Evidence {
        let sides = [Netting.Side.import.obis, Netting.Side.export.obis]
        guard let time = reading.instant(of: sides) else { return .nothing }
        var netting = meter.netting
        func power(_ side: Netting.Side) -> Netting.Power {
            let own = reading.registers.first { $0.obis == side.obis }
            let partner = own == nil ? reading.partner(side.obis, of: sides, at: time, in: meter, quiet) : nil
            return Netting.Power(
                new: own?.number(in: Self.watt), known: meter.register(side.obis)?.value.number(in: Self.watt),
                sameInstant: partner?.number(in: Self.watt))
        }
        let evidence = netting.take(
            import: power(.import), export: power(.export), isWhole: reading.registers.count > 1,
            mayRepeat: mayRepeat)
        if isPrimary {
            if netting.kind != meter.netting.kind { meter.isInfoStale = true }
            meter.netting = netting
        }
        return evidence
    }

    private static let watt = Unit("W")

    // MARK: - Where the inputs come from: the reading, and what is known of its meter

    private func value(
        by rule: DerivedRegister, _ net: Netting.Evidence, _ reading: Reading, _ meter: MeterState
    ) -> ExactDecimal? {
        switch net {
        case .nothing: return nil
        case .both: return value(by: rule, reading, meter)
        case .alone(let side):
            var rule = rule
            if side == .import { rule.subtract = [] } else { rule.add = [] }
            return value(by: rule, reading, meter)
        }
    }

    private func value(by rule: DerivedRegister, _ reading: Reading, _ meter: MeterState) -> ExactDecimal? {
        let unit = rules.unit(of: rule.obis)
        // Those that this reading brought have to be of one time too.
        guard !rule.isMomentary || reading.instant(of: rule.add + rule.subtract) != nil else { return nil }
        var sum = ExactDecimal.zero
        for obis in rule.add {
            guard let number = input(obis, unit, rule: rule, reading, meter), let next = sum.adding(number) else {
                return nil
            }
            sum = next
        }
        for obis in rule.subtract {
            guard let number = input(obis, unit, rule: rule, reading, meter), let next = sum.subtracting(number) else {
                return nil
            }
            sum = next
        }
        return sum
    }

    /// The number of an input in `unit`; nil where there is none that may be used.
    private func input(
        _ obis: OBISCode, _ unit: Unit?, rule: DerivedRegister, _ reading: Reading, _ meter: MeterState
    ) -> ExactDecimal? {
        if let own = reading.registers.firstIndex(where: { $0.obis == obis }) {
            return reading.registers[own].number(in: unit)
        }
        guard let intervals = rule.maxIntervals else { return nil }
        if rule.isMomentary {
            let inputs = rule.add + rule.subtract
            return reading.instant(of: inputs).flatMap {
                reading.partner(obis, of: inputs, at: $0, in: meter, quiet)?.number(in: unit)
            }
        }
        guard meter.held[obis] == nil, let known = meter.register(obis), let number = known.value.number(in: unit)
        else { return nil }
        // A register seen once has no interval yet; a minute is the slowest that a meter pushes values.
        let age = reading.received.milliseconds(since: known.received)
        return age <= Int64(intervals) * (known.interval ?? 30_000) ? number : nil
    }
}

extension Reading {
    /// When those of some registers that it brought were true; nil where it brought none, or of different times.
    fileprivate func instant(of codes: [OBISCode]) -> Timestamp? {
        var instant: Timestamp?
        for register in registers where codes.contains(register.obis) {
            let time = register.time ?? time
            guard instant == nil || instant == time else { return nil }
            instant = time
        }
        return instant
    }

    /// The value of a register that came in a message just before this one and is of the same instant: readers that send each
    /// value at once put the same time on those of one telegram. Nil for any other.
    ///
    /// - Parameters:
    ///   - inputs: what is computed with it. One of them that comes a second time begins another instant.
    ///   - quiet: milliseconds between the messages of one telegram.
    fileprivate func partner(
        _ obis: OBISCode, of inputs: [OBISCode], at instant: Timestamp, in meter: MeterState, _ quiet: Int64
    ) -> RegisterValue? {
        func isOfThisInstant(_ known: RegisterState) -> Bool {
            let pause = received.milliseconds(since: known.received)
            // What waited arrives at any pace, and where there is no time only the arrival tells.
            let isTogether = (0...quiet).contains(pause)
            return clock == .bridge ? isTogether : known.time == instant && (isTogether || isDelayed)
        }
        guard let known = meter.register(obis), !known.value.isDerived, isOfThisInstant(known) else { return nil }
        for input in inputs where registers.contains(where: { $0.obis == input }) {
            if let earlier = meter.register(input), isOfThisInstant(earlier) { return nil }
        }
        return known.value
    }
}

extension DerivedRegister {
    /// True for one that is made of momentary values.
    var isMomentary: Bool { add.contains(where: \.isInstantaneous) || subtract.contains(where: \.isInstantaneous) }

    /// True for import minus export.
    fileprivate var isNetPower: Bool {
        add.count == 1 && subtract.count == 1 && add[0] == Netting.Side.import.obis
            && subtract[0] == Netting.Side.export.obis
    }
}

extension RegisterValue {
    /// The number in `unit`, exactly; nil for what is no number, and for units that do not convert.
    func number(in unit: Unit?) -> ExactDecimal? {
        guard case .number(let number) = value else { return nil }
        if self.unit == unit { return number }
        // A profile may have import in W and the net in kW.
        guard let unit, let power = self.unit?.powerOfTen(to: unit) else { return nil }
        return number.scaled(byPowerOfTen: power)
    }
}
