// SPDX-License-Identifier: Apache-2.0

// The only place where the configuration reaches a meter: at a start, after a restart, at a reload.
extension MeterState {
    /// Applies the configuration to this meter.
    ///
    /// - Parameter entry: the meter's entry in `meters:`; nil for none.
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
        // Without a limit of its own, the profile's limit is multiplied by the transformers' factor.
        settings.maxPower =
            entry?.maxPower
            ?? (factor == ExactDecimal(1) ? nil : profile.guards.maxPower.multiplied(by: factor))
        setDemand(entry?.demand ?? profile.demand, profile)
        guard factor != settings.ct else { return }
        settings.ct = factor
        // Its peaks were computed with the former factor.
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

    /// Prepares for numbers that are computed in another way from now on (other transformers, labels or factors): the
    /// counters' former values tell nothing about their next ones.
    mutating func readAnew(_ profile: Profile) {
        for register in registers where profile.isCounter(register.value.obis) { reread.insert(register.value.obis) }
        instrument.collisions = CollisionWatch()
        demand?.loseTrack()
        forgetTotals()
    }

    /// The known fields by which the next message is not judged (`time`, and counters), as `state` reports them to a
    /// restarted bridge.
    var rereadFields: [String] {
        let hasTime = instrument.order.newest == nil && newest.map { $0.clock != .bridge } == true
        guard hasTime || !reread.isEmpty else { return [] }
        return (hasTime ? ["time"] : []) + reread.sorted().map(\.description)
    }

    /// Prepares for a clock that is read in another way from now on: forgets what was learned of the clock, and no
    /// former time decides what is late.
    mutating func readClockAnew() {
        instrument.order = OrderWatch()
        instrument.clockStillness = nil
        forget { if case .zone = $0 { true } else { false } }
        for index in devices.indices { devices[index].clock = nil }
        isInfoStale = true
    }

    /// Forgets what was published: the broker has nothing of this meter any more, or yet.
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
