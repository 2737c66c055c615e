// SPDX-License-Identifier: Apache-2.0

// What a telegram reports besides its registers: the model, and the devices on the meter's M-Bus.
extension MeterState {
    /// Takes in the model and the M-Bus devices of a telegram.
    ///
    /// - Returns: the M-Bus devices that replaced others.
    mutating func learn(_ telegram: Telegram, _ profile: @autoclosure () -> Profile) -> [SubmeterExchange] {
        if let model = telegram.model, model != self.instrument.model {
            self.instrument.model = model
            isInfoStale = true
        }
        guard !telegram.submeters.isEmpty, telegram.submeters != instrument.submeters else { return [] }
        let profile = profile()
        var exchanges = telegram.submeters.compactMap { exchange(for: $0, telegram, profile) }
        for submeter in telegram.submeters where submeter.medium != .other {
            let former = instrument.submeters.first { $0.channel == submeter.channel }?.medium
            guard let former, former != .other, former != submeter.medium else { continue }
            let renamed = unname(channel: submeter.channel)
            if let index = exchanges.firstIndex(where: { $0.submeter.channel == submeter.channel }) {
                exchanges[index].renamed = renamed
            }
        }
        instrument.submeters = telegram.submeters
        isInfoStale = true
        nameRegisters(profile)
        return exchanges
    }

    /// Notices that a gas, water or heat meter was exchanged on its own: its counters begin anew under the same codes.
    private mutating func exchange(
        for submeter: Submeter, _ telegram: Telegram, _ profile: Profile
    ) -> SubmeterExchange? {
        guard let id = submeter.id else { return nil }
        let former = instrument.submeters.first { $0.channel == submeter.channel }?.id
        var known = instrument.submeterIDs[submeter.channel] ?? []
        if let former { known.insert(former) }
        // An id that returns is not an exchange: an old meter is never put back, but bits get lost.
        let isNew = known.count < Self.submeterIDLimit && known.insert(id).inserted
        instrument.submeterIDs[submeter.channel] = known
        guard let former, isNew else { return nil }
        let sent = Set(telegram.observations.map(\.obis.canonical))
        let codes = registers.map(\.value.obis).filter { $0.a == 0 && Int($0.b) == submeter.channel }
        for code in codes {
            instrument.held[code] = nil
            if profile.isCounter(code) { previous.insert(code) }
        }
        // Registers that the new device does not send at once would pass for its own.
        let gone = Set(codes).subtracting(sent)
        let ended = registers.filter { gone.contains($0.value.obis) }
        removeRegisters { gone.contains($0.value.obis) }
        previous.subtract(gone)
        return SubmeterExchange(submeter: submeter, former: former, ended: ended)
    }

    /// The most ids of one channel; a payload may invent them without end.
    private static let submeterIDLimit = 20
}

/// The exchange of an M-Bus device for another one on the same channel.
struct SubmeterExchange {
    let submeter: Submeter
    let former: String
    /// Registers of the former device that are no longer valid.
    let ended: [RegisterState]
    /// Registers that continue under another alias, with their former aliases.
    var renamed: [RegisterState] = []
}

extension Submeter.Medium {
    /// The medium as it is spelled in an alias: `warm_water`.
    var alias: String { rawValue.replacing("-", with: "_") }

    /// True for a unit that a consumer may expect under the alias of the medium: gas in m³, heat in kWh or GJ. A device
    /// that counts something else is known by its code alone.
    func isCounted(in unit: Unit?) -> Bool {
        guard let dimension = unit?.dimension else { return true }
        return switch self {
        case .gas, .water, .warmWater: dimension == .volume
        case .heat, .cooling: dimension == .heat || dimension == .activeEnergy
        case .electricity: dimension == .activeEnergy
        case .other: true
        }
    }
}
