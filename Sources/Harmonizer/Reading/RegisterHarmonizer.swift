// SPDX-License-Identifier: Apache-2.0

/// Brings one register into the profile's unit and digits.
struct RegisterHarmonizer {
    let profile: Profile
    let zone: Zone
    /// Arrival of the telegram, to choose between two instants with the same clock face.
    let arrival: Timestamp

    /// What became of an observation.
    enum Outcome {
        case value(RegisterValue, Translation?)
        /// Its register cannot represent it.
        case dropped(original: String)
    }

    func harmonise(_ observation: Observation) -> Outcome {
        let obis = observation.obis.canonical
        let register = profile.register(obis)
        let unit = target(of: observation.unit, in: register)
        let power = unit.flatMap { observation.unit?.powerOfTen(to: $0) } ?? 0
        let value: RegisterValue.Value
        switch observation.value {
        case .number(let number):
            let exact = harmonised(number, power: power, register: register)
            if obis.isCounter, exact.isNegative { return .dropped(original: number.description) }
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
        let time = observation.time?.instant(in: zone, near: arrival)
        var translation: Translation?
        if let from = observation.unit, let unit, from != unit { translation = .unit(obis, from: from, to: unit) }
        return .value(
            RegisterValue(obis: obis, value: value, unit: unit, time: time, raw: observation.raw), translation)
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
