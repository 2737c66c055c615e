// SPDX-License-Identifier: Apache-2.0

// An exchanged meter, a reader that wavers between two ids, and a reader that lost its meter's id for a while.
extension MeterRegistry {
    /// Handles the serial that a device shows: the known one, one of several between which it wavers, or that of
    /// another meter.
    mutating func placed(
        _ serial: String, device index: Int, meter: Int, former: Int?, telegram: Telegram, at now: Timestamp,
        _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [MeterEvent] {
        let place = placements[index].serials.take(serial)
        let device = placements[index].device
        let source = setup.settings.sources[device.source].name
        let serials = placements[index].serials.all
        let isNew = meters[meter].noteSerial(serial)
        // A restarted bridge needs to know whose serial this is where several devices send for a meter.
        if serials.count > 1 || (meters[meter].serial ?? serial) != serial {
            meters[meter].update(source: source, device: device.name) { $0.serials = serials }
        }
        switch place {
        case .known: return []
        case .returned:
            // Not an exchange: undo what was taken for one.
            placements[index].leaving = nil
            for changed in Set([meter, former ?? meter]) where meters[changed].predecessor?.serial == serial {
                meters[changed].predecessor = nil
                meters[changed].isInfoStale = true
            }
            return []
        case .new(let old):
            let before = former ?? restored[device].flatMap { self.index(ofMeter: $0.meter) }
            guard let before else { return [] }
            guard before == meter else {
                // Topics follow the id, so nothing is mixed up meanwhile: there is time to see whether the old serial
                // returns.
                placements[index].leaving = Placement.Leaving(meter: before, serial: old, since: now)
                return []
            }
            guard isNew else { return [] }
            journal.say(.exchangedSerial(meter: meters[meter].id, serial: serial, former: old))
            let codes = Set(telegram.observations.map(\.obis.canonical))
            let gone = meters[meter].registers.filter {
                !codes.contains($0.value.obis) && !setup.profile.isCounter($0.value.obis)
            }
            let former = meters[meter].retired(as: nil, serial: old, at: now, setup.profile)
            meters[meter].exchange(after: former, forgetting: Set(gone.map(\.value.obis)), setup.profile)
            return gone.isEmpty ? [] : [.registersEnded(gone, meters[meter].topics)]
        }
    }

    /// Messages after which a new serial is believed to stay.
    private static let exchangeProof = 10

    /// Concludes that a device that keeps sending a new serial left its former meter for good.
    mutating func confirmExchange(
        _ index: Int, at now: Timestamp, _ setup: PipelineSetup, _ journal: inout Journal
    ) -> [MeterEvent] {
        guard var leaving = placements[index].leaving, let meter = placements[index].identity?.meter else { return [] }
        leaving.count += 1
        placements[index].leaving = leaving
        guard leaving.count >= Self.exchangeProof else { return [] }
        placements[index].leaving = nil
        let old = leaving.meter
        let device = placements[index].device
        meters[meter].predecessor = meters[old].retired(
            as: meters[old].id, serial: leaving.serial, at: leaving.since, setup.profile)
        meters[meter].isInfoStale = true
        journal.say(.exchanged(meter: meters[meter].id, former: meters[old].id, device: device.name))
        let source = setup.settings.sources[device.source].name
        meters[old].devices.removeAll { $0.source == source && $0.device == device.name }
        guard meters[old].devices.isEmpty else { return [] }
        meters[old].isInfoStale = true
        return [.deserted(meter: old, at: now)]
    }

    // MARK: - A reader that lost its meter's id

    // smartmeter-datacollector publishes under its serial port while a telegram has no id, and under the id when it has: one
    // reader under two topics, up to two telegrams at a time (2.0.0), or until its next start.

    /// The meter whose counters continue in a telegram without an id: the device lost the id for a while.
    func meterThatGoesOn(in telegram: Telegram, device index: Int, at now: Timestamp, _ setup: PipelineSetup) -> Int? {
        let source = setup.settings.sources[placements[index].device.source].name
        let tenant = Tenant.name(in: Tenant.id("", of: tenant(of: index, setup)))
        let candidates = meters.indices.filter { meter in
            meters[meter].serial != nil && Tenant.name(in: meters[meter].id) == tenant
                && meters[meter].devices.contains { $0.source == source && !$0.isFallback }
                && Self.goesOn(meters[meter], in: telegram, at: now)
        }
        return candidates.count == 1 ? candidates.first : nil
    }

    /// Gives this meter the device of the same source that was published under its name and whose counters continue in
    /// this telegram, with what is known of it.
    mutating func takeOverFallback(
        of meter: Int, telegram: Telegram, device index: Int, at now: Timestamp, _ setup: PipelineSetup
    ) -> [MeterEvent] {
        let source = placements[index].device.source
        let tenant = tenant(of: index, setup)
        let fallbacks = unnamed.filter { other in
            guard other != index, placements[other].device.source == source,
                self.tenant(of: other, setup) == tenant, let identity = placements[other].identity,
                !identity.isCertain, identity.received == nil, identity.meter != meter
            else { return false }
            return Self.goesOn(meters[identity.meter], in: telegram, at: now)
        }
        guard fallbacks.count == 1, let fallback = fallbacks.first, let old = placements[fallback].identity?.meter
        else {
            return []
        }
        let name = placements[fallback].device.name
        let topic = meters[old].devices.first { $0.device == name }?.topic ?? name
        placements[fallback].identity?.meter = meter
        placements[fallback].identity?.isFallback = true
        placements[fallback].identity?.isCertain = true
        unnamed.remove(fallback)
        let settings = setup.settings.sources[source]
        meters[meter].bind(
            MeterState.Binding(
                source: settings.name, device: name, adapter: settings.adapter.name, topic: topic,
                reads: settings.reads, isFallback: true))
        return retire(old, into: meter, setup)
    }

    /// True when no device sends for the meter at the same time, and all counters that both have rose by what a house can use.
    private static func goesOn(_ meter: MeterState, in telegram: Telegram, at now: Timestamp) -> Bool {
        guard meter.isSilent(at: now) else { return false }
        var shared = 0
        for observation in telegram.observations {
            let obis = observation.obis.canonical
            guard obis.a == 1, obis.isCounter, case .number(let number) = observation.value,
                let known = meter.register(obis), case .number(let before) = known.value.value,
                let unit = known.value.unit,
                let power = observation.unit?.powerOfTen(to: unit)
            else { continue }
            let value = number.scaled(byPowerOfTen: power)
            // Small numbers are similar in every new house.
            guard before > ExactDecimal(10) else {
                if value < before { return false }
                continue
            }
            let hours = min(max(0, (now - known.received).hours), 10_000)
            guard value >= before, let most = before.adding(ExactDecimal(1 + 50 * hours)), value <= most else {
                return false
            }
            shared += 1
        }
        return shared > 0
    }
}
