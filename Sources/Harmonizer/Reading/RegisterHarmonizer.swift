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

    /// The harmonised register, nil when it cannot represent the value, with the unit's translation where there was one.
    func harmonise(_ observation: Observation, fixes: inout [Fix]) -> (RegisterValue?, Translation?) {
        let obis = observation.obis.canonical
        let register = profile.register(obis)
        var received = observation.unit
        if received == nil, case .list(let entries) = observation.value {
            received = entries.first { $0.unit != nil }?.unit
        }
        let unit = target(of: received, in: register)
        let power = unit.flatMap { observation.unit?.powerOfTen(to: $0) } ?? 0
        let value: RegisterValue.Value
        switch observation.value {
        case .number(let number):
            let exact = harmonised(number, power: power, register: register)
            if profile.isCounter(obis), exact.isNegative {
                let isKept = policies.policy(.valueDropped).leavesAsSent
                fixes.join(
                    Fix(
                        .valueDropped, fields: [obis.description], action: isKept ? .flag : .drop,
                        original: number.description))
                if !isKept { return (nil, nil) }
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
                        value: harmonised(entry.value, power: shift, register: register))
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

    private func harmonised(_ number: ExactDecimal, power: Int, register: Register?) -> ExactDecimal {
        let scaled = number.scaled(byPowerOfTen: power)
        return register?.decimals.map { scaled.rounded(toDecimals: $0) } ?? scaled
    }

    /// The profile's unit that the received one converts to, else the received one.
    private func target(of unit: Unit?, in register: Register?) -> Unit? {
        guard let unit else { return nil }
        return register?.units.first { unit.powerOfTen(to: $0) != nil } ?? unit
    }
}
