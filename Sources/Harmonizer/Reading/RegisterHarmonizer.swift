// SPDX-License-Identifier: Apache-2.0

/// Brings one register into the profile's unit and digits.
struct RegisterHarmonizer {
    let profile: Profile
    let policies: FixPolicies
    let zone: Zone
    /// The time of the reading.
    let time: Timestamp
    /// Arrival of the telegram, to choose between two instants with the same clock face.
    let arrival: Timestamp
    /// By what numbers are multiplied.
    let factors: Factors

    /// The harmonised register, nil when it cannot represent the value, with the unit's translation where there was one.
    func harmonise(_ observation: Observation, fixes: inout [Fix]) -> (RegisterValue?, Translation?) {
        let obis = observation.obis.canonical
        let register = profile.register(obis)
        var received = observation.unit
        if received == nil, case .list(let entries) = observation.value {
            received = entries.first { $0.unit != nil }?.unit
        }
        var unit = target(of: received, in: register)
        if let register, let received, !register.units.isEmpty, unit == nil {
            guard keeps(.valueUnit, obis, text(of: observation, in: received), &fixes) else { return (nil, nil) }
            unit = received
        }
        let power = unit.flatMap { observation.unit?.powerOfTen(to: $0) } ?? 0
        let quantity = Quantity(obis, unit: unit ?? register?.units.first)
        let value: RegisterValue.Value
        switch observation.value {
        case .number(let number):
            if profile.isSentinel(number, observation.unit, of: register),
                !keeps(.valueSentinel, obis, number.description, &fixes)
            {
                return (nil, nil)
            }
            guard
                let exact = multiplied(
                    number.scaled(byPowerOfTen: power), obis, quantity, register, original: number, fixes: &fixes)
            else {
                fixes.join(Fix(.valueDropped, fields: [obis.description], action: .drop, original: number.description))
                return (nil, nil)
            }
            if profile.isCounter(obis), exact.isNegative {
                guard keeps(.valueDropped, obis, number.description, &fixes) else { return (nil, nil) }
            } else {
                checkRange(of: exact, unit, obis, quantity, register, fixes: &fixes)
            }
            value = .number(exact)
        case .text(let text):
            value = .text(text)
        case .list(let entries):
            value = .list(
                entries.map { entry in
                    let shift = unit.flatMap { entry.unit?.powerOfTen(to: $0) } ?? 0
                    return RegisterValue.Entry(
                        time: entry.time?.instant(in: zone, near: arrival),
                        value: ofTransformers(entry.value.scaled(byPowerOfTen: shift), quantity, register)
                            ?? entry.value)
                })
        }
        let own = ownTime(of: observation, obis: obis, fixes: &fixes)
        var translation: Translation?
        if let from = received, let unit, from != unit { translation = .unit(obis, from: from, to: unit) }
        return (RegisterValue(obis: obis, value: value, unit: unit, time: own, raw: observation.raw), translation)
    }

    /// The register's own time where it differs from the reading's. One that is no time is left out, and said: without it the
    /// value would pass for one of the reading's time.
    private func ownTime(of observation: Observation, obis: OBISCode, fixes: inout [Fix]) -> Timestamp? {
        guard let raw = observation.time else { return nil }
        guard let own = raw.instant(in: zone, near: arrival) else {
            fixes.join(Fix(.timeInvalid, fields: [obis.description], action: .drop, original: raw.text))
            return nil
        }
        return own == time ? nil : own
    }

    /// Says that a value is not to be believed.
    ///
    /// - Returns: true when the profile wants it published all the same.
    private func keeps(_ rule: Fix.Rule, _ obis: OBISCode, _ original: String, _ fixes: inout [Fix]) -> Bool {
        let isKept = policies.policy(rule).leavesAsSent
        fixes.join(Fix(rule, fields: [obis.description], action: isKept ? .flag : .drop, original: original))
        return isKept
    }

    private func text(of observation: Observation, in unit: Unit) -> String {
        guard case .number(let number) = observation.value else { return unit.symbol }
        return "\(number) \(unit)"
    }

    /// The number in the profile's unit with the source's and the meter's factors, nil when its digits do not fit.
    private func multiplied(
        _ number: ExactDecimal, _ obis: OBISCode, _ quantity: Quantity?, _ register: Register?, original: ExactDecimal,
        fixes: inout [Fix]
    ) -> ExactDecimal? {
        var number = number
        if !factors.isEmpty, let (factor, rule) = factors.correction(obis, quantity), !number.isZero {
            let isKept = policies.policy(rule).leavesAsSent
            guard let corrected = number.multiplied(by: factor) else { return nil }
            fixes.join(
                Fix(
                    rule, fields: [obis.description], action: isKept ? .flag : .substitute,
                    original: original.description, with: isKept ? nil : corrected.description,
                    by: rule == .scaleKnown ? factors.rule.place : nil))
            if !isKept { number = corrected }
        }
        return ofTransformers(number, quantity, register)
    }

    private func ofTransformers(
        _ number: ExactDecimal, _ quantity: Quantity?, _ register: Register?
    ) -> ExactDecimal? {
        var product: ExactDecimal? = number
        if let ct = factors.transformers(quantity) { product = number.multiplied(by: ct) }
        guard let decimals = register?.decimals else { return product }
        return product?.rounded(toDecimals: decimals)
    }

    /// The range of a register is that of a meter without transformers.
    private func checkRange(
        of value: ExactDecimal, _ unit: Unit?, _ obis: OBISCode, _ quantity: Quantity?, _ register: Register?,
        fixes: inout [Fix]
    ) {
        guard let range = register?.range, unit == register?.units.first else { return }
        let ct = factors.transformers(quantity) ?? ExactDecimal(1)
        guard let lowest = range.lowerBound.multiplied(by: ct), let highest = range.upperBound.multiplied(by: ct),
            value < lowest || value > highest
        else { return }
        fixes.join(Fix(.valueOutOfRange, fields: [obis.description], action: .flag, original: value.description))
    }

    /// The profile's unit that the received one converts to; the received one where the profile names none, else nil.
    private func target(of unit: Unit?, in register: Register?) -> Unit? {
        guard let unit else { return nil }
        guard let units = register?.units, !units.isEmpty else { return unit }
        return units.first { unit.powerOfTen(to: $0) != nil }
    }
}
