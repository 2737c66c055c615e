// SPDX-License-Identifier: Apache-2.0

/// Registers that the profile computes from others. Those of momentary values are made of values of one instant only: a battery
/// acts on the net power, and an import of now minus an export of ten seconds ago was never true.
extension Pipeline {
    /// What follows from a reading for the registers that the meter does not send itself.
    ///
    /// - Parameter index: the device that it came from.
    mutating func derived(for reading: Reading, meter: Int, device index: Int) -> [RegisterValue] {
        let net = net(of: reading, meter: meter, device: index)
        var derived: [RegisterValue] = []
        for rule in profile.derived where !meters[meter].isSent(rule.obis) {
            guard !reading.registers.contains(where: { $0.obis == rule.obis }),
                reading.registers.contains(where: { rule.add.contains($0.obis) || rule.subtract.contains($0.obis) }),
                let value = rule.isNetPower
                    ? self.value(by: rule, net, reading: reading, meter: meter)
                    : self.value(by: rule, reading: reading, meter: meter)
            else { continue }
            derived.append(
                RegisterValue(
                    obis: rule.obis, value: .number(value), unit: setup.rules.unit(of: rule.obis), isDerived: true))
        }
        return derived
    }

    /// What a reading says about the net power of its meter.
    private mutating func net(of reading: Reading, meter: Int, device index: Int) -> Netting.Evidence {
        let sides = [Netting.Side.import.obis, Netting.Side.export.obis]
        guard let time = instant(of: sides, in: reading) else { return .nothing }
        func power(_ side: Netting.Side) -> Netting.Power {
            let own = reading.registers.first { $0.obis == side.obis }
            return Netting.Power(
                new: own?.number(in: Self.watt), known: meters[meter].register(side.obis)?.value.number(in: Self.watt),
                sameInstant: own == nil
                    ? partner(side.obis, of: sides, at: time, in: Self.watt, reading: reading, meter: meter) : nil)
        }
        var netting = meters[meter].netting
        let evidence = netting.take(
            import: power(.import), export: power(.export), isWhole: reading.registers.count > 1,
            mayRepeat: source(of: index).adapter.repeatsOldValues)
        // A stand-in says nothing about its meter's usual sender.
        if isPrimary(index, meter: meter, at: reading.received) {
            if netting.kind != meters[meter].netting.kind { meters[meter].isInfoStale = true }
            meters[meter].netting = netting
        }
        return evidence
    }

    private static let watt = Unit("W")

    private func value(
        by rule: DerivedRegister, _ net: Netting.Evidence, reading: Reading, meter: Int
    ) -> ExactDecimal? {
        switch net {
        case .nothing: return nil
        case .both: return value(by: rule, reading: reading, meter: meter)
        case .alone(let side):
            var rule = rule
            if side == .import { rule.subtract = [] } else { rule.add = [] }
            return value(by: rule, reading: reading, meter: meter)
        }
    }

    private func value(by rule: DerivedRegister, reading: Reading, meter: Int) -> ExactDecimal? {
        let unit = setup.rules.unit(of: rule.obis)
        // Those that this reading brought have to be of one time too.
        guard !rule.isMomentary || instant(of: rule.add + rule.subtract, in: reading) != nil else { return nil }
        var sum = ExactDecimal.zero
        for obis in rule.add {
            guard let number = input(obis, unit, rule: rule, reading: reading, meter: meter),
                let next = sum.adding(number)
            else { return nil }
            sum = next
        }
        for obis in rule.subtract {
            guard let number = input(obis, unit, rule: rule, reading: reading, meter: meter),
                let next = sum.subtracting(number)
            else { return nil }
            sum = next
        }
        return sum
    }

    /// When those of some registers that a reading brought were true; nil where it brought none, or of different times.
    private func instant(of codes: [OBISCode], in reading: Reading) -> Timestamp? {
        var instant: Timestamp?
        for register in reading.registers where codes.contains(register.obis) {
            let time = register.time ?? reading.time
            guard instant == nil || instant == time else { return nil }
            instant = time
        }
        return instant
    }

    /// The number of an input in `unit`; nil where there is none that may be used.
    private func input(
        _ obis: OBISCode, _ unit: Unit?, rule: DerivedRegister, reading: Reading, meter: Int
    ) -> ExactDecimal? {
        if let own = reading.registers.firstIndex(where: { $0.obis == obis }) {
            return reading.registers[own].number(in: unit)
        }
        guard let intervals = rule.maxIntervals else { return nil }
        if rule.isMomentary {
            let inputs = rule.add + rule.subtract
            return instant(of: inputs, in: reading).flatMap {
                partner(obis, of: inputs, at: $0, in: unit, reading: reading, meter: meter)
            }
        }
        guard meters[meter].held[obis] == nil, let known = meters[meter].register(obis),
            let number = known.value.number(in: unit)
        else { return nil }
        // A register seen once has no interval yet; a minute is the slowest that a meter pushes values.
        let age = reading.received.milliseconds(since: known.received)
        return age <= Int64(intervals) * (known.interval ?? 30_000) ? number : nil
    }

    /// The value of a register that came in a message just before this one and is of the same instant: readers that send each
    /// value at once put the same time on those of one telegram. Nil for any other.
    ///
    /// - Parameter inputs: what is computed with it. One of them that comes a second time begins another instant.
    private func partner(
        _ obis: OBISCode, of inputs: [OBISCode], at time: Timestamp, in unit: Unit?, reading: Reading, meter: Int
    ) -> ExactDecimal? {
        func isOfThisInstant(_ known: RegisterState) -> Bool {
            let pause = reading.received.milliseconds(since: known.received)
            // What waited arrives at any pace, and where there is no time only the arrival tells.
            let isTogether = (0...profile.groups.quiet).contains(pause)
            return reading.clock == .bridge ? isTogether : known.time == time && (isTogether || reading.isDelayed)
        }
        guard let known = meters[meter].register(obis), !known.value.isDerived, isOfThisInstant(known) else {
            return nil
        }
        for input in inputs where reading.registers.contains(where: { $0.obis == input }) {
            if let earlier = meters[meter].register(input), isOfThisInstant(earlier) { return nil }
        }
        return known.value.number(in: unit)
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
