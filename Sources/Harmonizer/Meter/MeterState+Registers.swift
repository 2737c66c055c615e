// SPDX-License-Identifier: Apache-2.0

extension MeterState {
    /// Takes a reading into the state.
    ///
    /// - Returns: true when it brought every register of the meter, so that none of them is old.
    mutating func take(_ reading: Reading, _ profile: Profile) -> Bool {
        if reading.clock == .meter {
            instrument.clockStillness = Stillness.after(
                instrument.clockStillness, isSame: newest.map { $0.time == reading.time && $0.clock == .meter } == true,
                at: reading.received, isLive: true)
        }
        newest = (reading.time, reading.clock, reading.received)
        // A meter usually sends all its registers at once: no more room than they need.
        if registers.isEmpty { registers.reserveCapacity(reading.registers.count) }
        var (place, refreshed) = (0, 0)
        let known = registers.count
        let values = reading.registers.span
        let (time, received) = (PackedTime(reading.time), PackedTime(reading.received))
        for index in values.indices {
            if values[index].isPlain, let position = position(of: values[index].plain.obis, near: place),
                registers[position].update(
                    values[index].plain, time: time, received: received, isLive: !reading.isDelayed)
            {
                place = position + 1
                refreshed += 1
                continue
            }
            place =
                update(
                    values[index], time: values[index].time ?? reading.time, received: reading.received,
                    isLive: !reading.isDelayed, near: place, profile: profile) + 1
            if position(of: values[index].obis, near: place - 1) != nil { refreshed += 1 }
        }
        if registers.count != known { sharePositions() }
        return refreshed == registers.count
    }

    /// Takes in the newer value of a register.
    ///
    /// - Parameter place: the position at which it is looked for first.
    /// - Returns: its position.
    @discardableResult mutating func update(
        _ register: RegisterValue, time: Timestamp, received: Timestamp, isLive: Bool = true, near place: Int = 0,
        profile: Profile
    ) -> Int {
        if let position = position(of: register.obis, near: place) {
            registers[position].update(
                register, time: PackedTime(time), received: PackedTime(received), isLive: isLive)
            return position
        }
        guard registers.count < settings.registerLimit else { return place }
        add(
            RegisterState(
                value: register, time: time, received: received, isSentByMeter: !register.isDerived,
                alias: alias(of: register, profile)))
        return registers.count - 1
    }

    /// The alias of a register. That of an M-Bus device follows the medium and not the channel, which does not tell the
    /// medium.
    private mutating func alias(of register: RegisterValue, _ profile: Profile) -> String? {
        let obis = register.obis
        guard let alias = profile.register(obis)?.alias else { return nil }
        // One meter uses an alias such as gas once, whatever the code.
        guard alias == "{medium}" else {
            guard obis.a >= 6 else { return alias }
            let word = AliasWord(alias)
            return registers.contains { $0.word == word && $0.value.obis != obis } ? nil : alias
        }
        guard let submeter = instrument.submeters.first(where: { $0.channel == Int(obis.b) }),
            submeter.medium.isCounted(in: register.unit)
        else { return nil }
        let medium = submeter.medium.alias
        guard registers.contains(where: { $0.alias == medium }) else { return medium }
        hasRivals = true
        return "\(medium)_\(obis.b)"
    }

    /// Names the registers that arrived, or were restored, before the medium of their M-Bus device was known.
    mutating func nameRegisters(_ profile: Profile) {
        for position in registers.indices where !registers[position].hasAlias {
            guard let alias = alias(of: registers[position].value, profile) else { continue }
            registers[position].alias = alias
        }
        _ = preferLiveDevices(profile)
    }

    /// Gives the plain alias, `gas`, to the device that counts. When the device that has it sent no new value for two
    /// days in which another one of its medium did, it is dead, or was exchanged for one on another channel.
    ///
    /// - Returns: the renamed registers with their former aliases.
    mutating func preferLiveDevices(_ profile: Profile) -> [RegisterState] {
        guard hasRivals else { return [] }
        var former: [RegisterState] = []
        for submeter in instrument.submeters {
            let medium = submeter.medium.alias
            guard let holder = registers.firstIndex(where: { $0.alias == medium }),
                Int(registers[holder].value.obis.b) != submeter.channel,
                let rival = registers.firstIndex(where: { $0.alias == "\(medium)_\(submeter.channel)" }),
                registers[rival].time - registers[holder].time > Self.deadDevice
            else { continue }
            former += [registers[holder], registers[rival]]
            registers[holder].alias = "\(medium)_\(registers[holder].value.obis.b)"
            registers[rival].alias = medium
            for position in [holder, rival] { registers[position].forgetPublishedByAlias() }
            isInfoStale = true
        }
        return former
    }

    /// The time after which a device does not count any more while another one of its medium does.
    private static let deadDevice = TimeSpan.days(2)

    /// Removes the aliases of a channel that has another medium now.
    ///
    /// - Returns: its registers with their former aliases.
    mutating func unname(channel: Int) -> [RegisterState] {
        var former: [RegisterState] = []
        for position in registers.indices
        where registers[position].value.obis.a == 0 && Int(registers[position].value.obis.b) == channel {
            former.append(registers[position])
            registers[position].alias = nil
            registers[position].forgetPublishedByAlias()
        }
        return former
    }

    /// Renames everything after the profile changed: topics, aliases and derived registers.
    mutating func rename(by profile: Profile) {
        let derived = Set(profile.derived.map(\.obis)).union(Demand.Registers.computed)
        topics = MeterTopics(meter: id, topics: profile.topics)
        isInfoStale = true
        removeRegisters { $0.value.isDerived && !derived.contains($0.value.obis) }
        for position in registers.indices { registers[position].alias = nil }
        nameRegisters(profile)
    }
}

// Values computed from its registers.
extension MeterState {
    /// Forgets the parts of its totals: another meter, or the same one read in another way, may have other tariffs and
    /// phases. Totals are absent until the parts are known; the bridge itself causes this pause, so it does not count
    /// as an interval.
    mutating func forgetTotals() {
        instrument.totals = Totals()
        for position in registers.indices where registers[position].value.isDerived {
            registers[position].isPaused = true
        }
        isInfoStale = true
    }
}

// Of two sources for one meter the first is believed; the other stands in while the first is silent.
extension MeterState {
    /// True for the sender that is believed.
    func isPrimary(_ sender: Sender, at now: Timestamp) -> Bool {
        if isFirst(sender) { return true }
        guard let last = primaryReceived else { return true }
        return now - last > max(.minutes(1), 3 * (interval ?? .zero))
    }

    /// True for the first of its senders, also under another name.
    func isFirst(_ sender: Sender) -> Bool {
        guard let first = devices.first else { return false }
        if first.source == sender.source, first.device == sender.device { return true }
        return sender.isFallback || (first.isFallback && first.source == sender.source)
    }

    /// Learns how often its first sender sends. A stand-in does not count: it would be believed once and then silence
    /// itself.
    mutating func keepPace(_ reading: Reading, _ sender: Sender) {
        guard isFirst(sender) else { return }
        // A message that waited tells nothing about the meter's pace.
        if let last = primaryReceived, !reading.isDelayed, !isPaused {
            interval = Interval.learned(interval, reading.received - last)
        }
        primaryReceived = reading.received
        isPaused = reading.isDelayed
    }
}

// What is published of it, and when.
extension MeterState {
    /// Makes room for the times at which registers are published under their aliases.
    mutating func makeRoomForAliases(at now: PackedTime) {
        guard publishedByAlias.count < registers.count else { return }
        publishedByAlias += repeatElement(now, count: registers.count - publishedByAlias.count)
    }

    /// Shows the interval in `info`, and again only when it has clearly changed, not when it varies.
    mutating func showInterval() {
        guard let interval, publishedInterval.map({ ($0 - interval).magnitude * 2 > $0 }) ?? true else { return }
        publishedInterval = interval
        isInfoStale = true
    }
}
