// SPDX-License-Identifier: Apache-2.0

/// Brings the registers of a telegram into the profile's codes, units and digits.
struct UnitStep {
    static let rules: [Fix.Rule] = [
        .valueDropped, .valueSentinel, .valueUnit, .valueOutOfRange, .scaleKnown, .scaleAuto,
    ]

    /// - Parameter factors: the factors by which numbers are multiplied.
    func apply(
        _ draft: inout Draft, _ observations: [Observation], factors: Factors, limits: TimeLimits,
        rules: inout RegisterRules, meter: inout MeterState
    ) {
        let harmonizer = RegisterHarmonizer(
            zone: draft.zone, time: draft.time, clock: draft.ownClock, limits: limits, arrival: draft.origin.received,
            factors: factors, maxPower: meter.settings.maxPower)
        // Fast path: a number without factors usually needs no fix and no note.
        let isUsual = factors.isEmpty && meter.settings.maxPower == nil
        var seen = OBISSieve()
        for index in observations.indices {
            let place = rules.place(of: observations[index].obis, observations[index].received)
            if isUsual, let number = observations[index].plainNumber, let value = rules.usual(at: place, number),
                !seen.insert(observations[index].obis)
            {
                draft.registers.append(value)
                continue
            }
            let observation = observations[index]
            let rule = rules.rule(at: place, observation.obis, observation.received)
            if rule.unlimited.isMatch(observation) {
                meter.note(.unlimited(rule.obis))
                continue
            }
            if rule.isMagnitude, observation.isNegative { meter.note(.magnitude(rule.obis)) }
            let value = harmonizer.harmonise(observation, by: rule, fixes: &draft.fixes)
            // The same register on two channels of one telegram: the first is the meter's own.
            guard let value,
                !seen.insert(value.obis) || !draft.registers.contains(where: { $0.obis == value.obis })
            else { continue }
            draft.registers.append(value)
            if let translation = rule.translation { meter.note(translation) }
            if observation.obis != value.obis {
                meter.note(.channel(received: observation.obis, published: value.obis))
            }
        }
    }
}

/// Brings one register into the profile's unit and digits.
struct RegisterHarmonizer {
    let zone: Zone
    /// The time of the reading.
    let time: Timestamp
    /// What that time says about other stamps of the meter's clock.
    let clock: OwnClock
    /// The limits within which times are believed.
    let limits: TimeLimits
    /// Arrival of the telegram, to choose between two instants with the same local time.
    let arrival: Timestamp
    /// The factors by which numbers are multiplied.
    let factors: Factors
    /// The power in W that the connection allows, as the user configured it; nil where it is not configured.
    let maxPower: ExactDecimal?

    /// The harmonised register, nil when it cannot represent the value.
    func harmonise(_ observation: Observation, by rule: RegisterRule, fixes: inout FixDecisions) -> RegisterValue? {
        var unit = rule.unit
        if rule.isForeign, let received = observation.received {
            guard keeps(.valueUnit, rule.obis, text(of: observation, in: received), &fixes) else { return nil }
            unit = received
        }
        let value: RegisterValue.Value
        switch observation.value {
        case .number(let number):
            guard let exact = exact(number, observation.unit, by: rule, fixes: &fixes) else { return nil }
            value = .number(exact)
        case .text(let text):
            value = .text(text)
        case .list(let entries):
            value = .list(
                entries.map { entry in
                    let shift = unit.flatMap { entry.unit?.powerOfTen(to: $0) } ?? 0
                    return RegisterValue.Entry(
                        time: entry.time.flatMap { captured($0, obis: rule.obis, isEntry: true, fixes: &fixes) },
                        value: ofTransformers(entry.value.scaled(byPowerOfTen: shift), rule) ?? entry.value)
                })
        }
        let own = observation.time == nil ? nil : ownTime(of: observation, obis: rule.obis, fixes: &fixes)
        return RegisterValue(obis: rule.obis, value: value, unit: unit, time: own, raw: observation.raw)
    }

    /// The number in the register's unit and digits; nil when it is not a value of the register.
    private func exact(
        _ number: ExactDecimal, _ unit: Unit?, by rule: RegisterRule, fixes: inout FixDecisions
    ) -> ExactDecimal? {
        if rule.sentinels.contains(number, unit), !keeps(.valueSentinel, rule.obis, number.description, &fixes) {
            return nil
        }
        let converted = number.scaled(byPowerOfTen: rule.power)
        let magnitude =
            rule.isMagnitude && converted.isNegative ? ExactDecimal.zero.subtracting(converted) : converted
        guard
            let exact = magnitude.flatMap({
                multiplied($0, rule, original: Self.text(number, unit, by: rule), fixes: &fixes)
            })
        else {
            fixes.record(
                Fix(.valueDropped, fields: [rule.obis.description], action: .drop, original: number.description))
            return nil
        }
        if rule.isCounter, exact.isNegative {
            guard keeps(.valueDropped, rule.obis, number.description, &fixes) else { return nil }
        } else {
            checkRange(of: exact, rule, fixes: &fixes)
        }
        return exact
    }

    /// The register's own time where it differs from the reading's; nil where the value has the reading's time.
    private func ownTime(of observation: Observation, obis: OBISCode, fixes: inout FixDecisions) -> Timestamp? {
        guard let raw = observation.time, let own = captured(raw, obis: obis, fixes: &fixes), own != time else {
            return nil
        }
        return own
    }

    /// When a value of the register, or of one entry of its list, was captured, judged as the reading's time was. A
    /// time that is not believed is left out, and recorded.
    ///
    /// - Parameter isEntry: true for an entry of a list: the record of a rule shows only the first stamp of a list.
    private func captured(
        _ raw: RawTime, obis: OBISCode, isEntry: Bool = false, fixes: inout FixDecisions
    ) -> Timestamp? {
        let said = isEntry ? fixes.all : []
        func fix(_ rule: Fix.Rule, _ action: Fix.Action) -> Fix {
            let field = obis.description
            let isKnown = said.contains { $0.rule == rule && $0.fields.contains(field) }
            return Fix(rule, fields: [field], action: action, original: isKnown ? nil : raw.text)
        }
        // A capture happens before it is sent.
        guard var own = raw.instant(in: zone, near: arrival, ahead: Self.haste) else {
            fixes.record(fix(.timeInvalid, .drop))
            return nil
        }
        switch clock {
        case .believed: break
        case .ahead(let span, let rule):
            own -= span
            fixes.record(fix(rule, .substitute))
        case .disbelieved(let rule): if fixes.decide(fix(rule, .drop), for: rule) { return nil }
        }
        let isFuture = own - arrival > limits.maxAhead
        if isFuture, fixes.decide(fix(.timeFuture, .drop), for: .timeFuture) { return nil }
        if own < Self.neverSet, fixes.decide(fix(.timeUnsynced, .drop), for: .timeUnsynced) { return nil }
        guard own != time, own > arrival, !isFuture else { return own }
        // The clock is a little ahead: no value is captured after it arrived.
        var late = fix(.timeInvalid, .substitute)
        late.with = "received"
        return fixes.decide(late, for: .timeInvalid) ? arrival : own
    }

    /// How far a capture may be ahead of its arrival: the variation of clocks and transport.
    private static let haste = TimeSpan.seconds(10)
    /// 1980: the clocks of M-Bus devices begin before that. A later time may be right: a gas meter that died years ago
    /// keeps the stamp of its last reading.
    private static let neverSet = Timestamp(seconds: 315_532_800)

    /// Records that a value is not believed.
    ///
    /// - Returns: true when the profile publishes it all the same.
    private func keeps(_ rule: Fix.Rule, _ obis: OBISCode, _ original: String, _ fixes: inout FixDecisions) -> Bool {
        !fixes.decide(Fix(rule, fields: [obis.description], action: .drop, original: original), for: rule)
    }

    /// A number as it was sent, with its unit where that is not the published one.
    private static func text(_ number: ExactDecimal, _ unit: Unit?, by rule: RegisterRule) -> String {
        guard let unit, unit != rule.unit else { return number.description }
        return "\(number) \(unit)"
    }

    private func text(of observation: Observation, in unit: Unit) -> String {
        guard case .number(let number) = observation.value else { return unit.symbol }
        return "\(number) \(unit)"
    }

    /// The number in the profile's unit with the source's and the meter's factors, nil when its digits do not fit.
    private func multiplied(
        _ number: ExactDecimal, _ rule: RegisterRule, original: @autoclosure () -> String, fixes: inout FixDecisions
    ) -> ExactDecimal? {
        var number = number
        if !factors.isEmpty, let (factor, fault) = factors.correction(rule.obis, rule.quantity), !number.isZero {
            guard let corrected = number.multiplied(by: factor) else { return nil }
            let original = original()
            let unit = original.contains(" ") ? rule.unit.map { " \($0)" } ?? "" : ""
            let fix = Fix(
                fault, fields: [rule.obis.description], action: .substitute, original: original,
                with: corrected.description + unit, by: fault == .scaleKnown ? factors.rule.place : nil)
            if fixes.decide(fix, for: fault) { number = corrected }
        }
        return ofTransformers(number, rule)
    }

    private func ofTransformers(_ number: ExactDecimal, _ rule: RegisterRule) -> ExactDecimal? {
        var product: ExactDecimal? = number
        if let ct = factors.transformers(rule.quantity) { product = number.multiplied(by: ct) }
        guard let decimals = rule.decimals else { return product }
        return product?.rounded(toDecimals: decimals)
    }

    /// The range of a register is that of a meter without transformers.
    private func checkRange(of value: ExactDecimal, _ rule: RegisterRule, fixes: inout FixDecisions) {
        guard let range = rule.range else { return }
        var (lowest, highest) = (range.lowerBound, range.upperBound)
        if let ct = factors.transformers(rule.quantity) {
            guard let low = lowest.multiplied(by: ct), let high = highest.multiplied(by: ct) else { return }
            (lowest, highest) = (low, high)
        }
        if let maxPower, factors.transformers(rule.quantity) == nil, rule.unit?.isOfPower == true {
            // The configured power of the connection overrides that of a usual house.
            highest = max(highest, maxPower.scaled(byPowerOfTen: -(rule.unit?.powerOfTen ?? 0)))
            if !lowest.isZero { lowest = ExactDecimal.zero.subtracting(highest) ?? lowest }
        }
        guard value < lowest || value > highest else { return }
        fixes.record(Fix(.valueOutOfRange, fields: [rule.obis.description], action: .flag, original: value.description))
    }
}

extension Sentinels {
    /// True for a number that is one of the sentinels.
    fileprivate func isMatch(_ observation: Observation) -> Bool {
        guard !isEmpty, case .number(let number) = observation.value else { return false }
        return contains(number, observation.unit)
    }
}

extension Unit {
    fileprivate var isOfPower: Bool {
        switch dimension {
        case .activePower, .reactivePower, .apparentPower: true
        default: false
        }
    }
}

extension Observation {
    fileprivate var isNegative: Bool {
        if case .number(let number) = value { number.isNegative } else { false }
    }

    /// The unit as received; of a list, that of its first entry that has one.
    var received: Unit? {
        guard unit == nil, case .list(let entries) = value else { return unit }
        return entries.first { $0.unit != nil }?.unit
    }
}
