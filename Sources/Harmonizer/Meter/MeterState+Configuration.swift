// SPDX-License-Identifier: Apache-2.0

// What the configuration says about a meter comes in here and nowhere else: at a start, after a restart, at a reload.
extension MeterState {
    /// Takes over what the settings say about this meter.
    ///
    /// - Parameter entry: the meter's, from `meters:`; nil for none.
    mutating func configure(_ entry: MeterEntry?, _ limits: Limits, _ profile: Profile) {
        settings.registerLimit = limits.registers
        settings.zone = entry?.zone
        if settings.name != entry?.name {
            settings.name = entry?.name
            isInfoStale = true
        }
        let tariffs = entry?.tariffs ?? TariffNames.Choice(table: profile.tariffs)
        let names = tariffs.table.flatMap { profile.tariffNames[$0] }
        if settings.role != entry?.role || settings.tariffNames != names {
            settings.role = entry?.role
            settings.tariffNames = names
            isInfoStale = true
        }
        let factor = entry?.ct ?? ExactDecimal(1)
        // Without a limit of its own the transformers raise the profile's.
        settings.maxPower =
            entry?.maxPower
            ?? (factor == ExactDecimal(1) ? nil : profile.guards.maxPower.multiplied(by: factor))
        setDemand(entry?.demand ?? profile.demand, profile)
        guard factor != settings.ct else { return }
        settings.ct = factor
        // Its peaks were those of other numbers.
        demand = nil
        forget { if case .transformers = $0 { true } else { false } }
        if factor != ExactDecimal(1) { note(.transformers(factor)) }
        readAnew(profile)
    }

    private mutating func setDemand(_ demandRule: DemandSettings, _ profile: Profile) {
        let floor = demandRule.isEnabled ? demandRule.floor ?? profile.demand.floor ?? .zero : nil
        guard floor != settings.demandFloor else { return }
        settings.demandFloor = floor
        demandWatch = floor == nil ? nil : DemandWatch()
        if floor == nil {
            demand = nil
            removeRegisters { $0.value.isDerived && Demand.Registers.computed.contains($0.value.obis) }
        }
        isInfoStale = true
    }

    /// Its numbers are made in another way from now on (other transformers, labels or factors): what its counters showed says
    /// nothing about what they show next.
    mutating func readAnew(_ profile: Profile) {
        for register in registers where profile.isCounter(register.value.obis) { reread.insert(register.value.obis) }
        instrument.collisions = CollisionWatch()
        demand?.loseTrack()
        forgetTotals()
    }

    /// What the next message is not judged by, though it is known, as `state` says it to a restarted bridge: counters, and `time`.
    var rereadFields: [String] {
        let hasTime = instrument.order.newest == nil && newest.map { $0.clock != .bridge } == true
        guard hasTime || !reread.isEmpty else { return [] }
        return (hasTime ? ["time"] : []) + reread.sorted().map(\.description)
    }

    /// Its clock is read in another way from now on: what was learned of it goes, and no time of before says what is late.
    mutating func readClockAnew() {
        instrument.order = OrderWatch()
        instrument.clockStillness = nil
        forget { if case .zone = $0 { true } else { false } }
        for index in devices.indices { devices[index].clock = nil }
        isInfoStale = true
    }

    /// Nothing of it is on the broker any more, or yet.
    mutating func forgetPublished() {
        isOnline = nil
        isInfoStale = true
        for position in registers.indices {
            registers[position].forgetPublished()
        }
    }
}

extension MeterState.Binding {
    func isSameDevice(_ other: MeterState.Binding) -> Bool { source == other.source && device == other.device }
}
