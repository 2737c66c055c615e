// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Harmonises a telegram whose device is bound to a meter, and encodes what follows from it.
    mutating func publish(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        guard let identity = devices[index].identity else { return [] }
        let source = source(of: index)
        let policies = policies(of: index)
        let meter = identity.meter
        if meters[meter].learn(telegram) { nameRegisters(of: meter) }
        if let labels = devices[index].labels { meters[meter].note(labels) }

        let zone = meters[meter].zone ?? source.zone
        let learned = devices[index].clock.learned
        let timed = TimeRepair(profile: profile, policies: policies, zone: zone).repaired(
            telegram, arrival: origin.arrival, watch: &devices[index].clock)
        if devices[index].clock.learned != learned { noteClock(device: index, meter: meter) }
        if origin.isRetained, timed.clock == .bridge { return withheld(origin) }
        if timed.usedZone { meters[meter].note(.zone(zone.identifier)) }
        if meters[meter].zone == nil {
            hintAtZone(telegram, source: devices[index].device.source, origin: origin)
        }
        var fixes: [Fix] = []
        for fix in [idFix(for: telegram, device: index, identity: identity)].compactMap(\.self)
            + timed.fixes + telegram.repairs
        {
            fixes.join(fix)
        }

        let order = order(of: timed, device: index, meter: meter, origin: origin, fixes: &fixes)
        var reading = Reading(
            meter: meters[meter].id, id: "", time: timed.time, clock: timed.clock, order: order,
            isDelayed: timed.isDelayed,
            received: origin.received,
            registers: registers(
                of: telegram, device: index, meter: meter, time: timed.time, origin: origin, fixes: &fixes),
            fixes: [], origin: origin)
        if order != .old, let fix = collision(in: reading.registers, meter: meter) { fixes.join(fix) }
        let isEmpty = reading.registers.isEmpty
        // An old reading is judged by nobody; a stand-in may lag behind the first reader of a meter, which is no fault of the
        // counter.
        if order != .old, isPrimary(index, meter: meter, at: origin.received) {
            watchScale(of: reading, device: index, meter: meter)
            guardCounters(of: &reading, meter: meter, fixes: &fixes, policies: policies)
        }
        if let fix = fixes.first(where: { policies.policy($0.rule) == .reject }) {
            let judge = source.policies[fix.rule] == nil ? "profile" : "source"
            return reject(Rejection(.policy, "the \(judge) rejects \(fix.rule.rawValue)"), origin: origin)
        }
        guard !isEmpty else {
            if let dropped = fixes.first(where: { [.valueDropped, .valueSentinel, .valueUnit].contains($0.rule) }) {
                let values = dropped.original.map { " (\($0))" } ?? ""
                let detail = "no register can have its value\(values): \(dropped.fields.joined(separator: ", "))"
                return reject(Rejection(.value, detail), origin: origin)
            }
            counters.count(ignored: "no-registers")
            return []
        }
        let frozen =
            reading.order == .old ? [] : FrozenContent.evidence(in: reading, meter: meters[meter])
        if !frozen.isEmpty { fixes.join(Fix(.contentFrozen, fields: frozen, action: .flag)) }
        reading.fixes = fixes.filter { policies.policy($0.rule) != .off }
        reading.id = Self.identifier(of: telegram, meter: reading.meter)
        if reading.order != .old { reading.registers += derived(for: reading, meter: meter) }
        counters.readings += 1
        meters[meter].readings += 1
        note(reading.fixes, meter: meter, source: source.name, at: origin.received)
        if keepsTraces {
            let sent = telegram.time?.instant(in: zone, near: origin.received)
            trace(.reading(reading, telegram: telegram, device: devices[index].device.name, sent: sent))
        }
        return encode(reading, device: index)
    }

    private mutating func registers(
        of telegram: Telegram, device index: Int, meter: Int, time: Timestamp, origin: Origin, fixes: inout [Fix]
    ) -> [RegisterValue] {
        let harmonizer = RegisterHarmonizer(
            profile: profile, policies: policies(of: index), zone: meters[meter].zone ?? source(of: index).zone,
            time: time,
            arrival: origin.received,
            factors: factors(device: index, meter: meter))
        var registers: [RegisterValue] = []
        registers.reserveCapacity(telegram.observations.count + 2)
        var seen: Set<OBISCode> = []
        for observation in telegram.observations {
            let (value, translation) = harmonizer.harmonise(observation, fixes: &fixes)
            // The same register on two channels of one telegram: the first is the meter's own.
            guard let value, seen.insert(value.obis).inserted else { continue }
            registers.append(value)
            if let translation { meters[meter].note(translation) }
            if observation.obis != value.obis {
                meters[meter].note(.channel(received: observation.obis, published: value.obis))
            }
        }
        return registers
    }

    /// Registers that the profile computes from those of this reading and, where that is allowed, from newer ones.
    private func derived(for reading: Reading, meter: Int) -> [RegisterValue] {
        profile.derived.compactMap { rule in
            let isSent = meters[meter].isSent(rule.obis)
            guard !isSent, !reading.registers.contains(where: { $0.obis == rule.obis }) else { return nil }
            let inputs = rule.add + rule.subtract
            guard reading.registers.contains(where: { inputs.contains($0.obis) }) else { return nil }
            var sum = ExactDecimal.zero
            for (position, obis) in inputs.enumerated() {
                guard let (number, unit) = input(obis, rule: rule, reading: reading, meter: meter),
                    unit == profile.register(rule.obis)?.units.first,
                    let next = position < rule.add.count ? sum.adding(number) : sum.subtracting(number)
                else { return nil }
                sum = next
            }
            return RegisterValue(
                obis: rule.obis, value: .number(sum), unit: profile.register(rule.obis)?.units.first, isDerived: true)
        }
    }

    private func input(
        _ obis: OBISCode, rule: DerivedRegister, reading: Reading, meter: Int
    ) -> (ExactDecimal, Unit?)? {
        if let own = reading.registers.first(where: { $0.obis == obis }) {
            guard case .number(let number) = own.value else { return nil }
            return (number, own.unit)
        }
        guard let intervals = rule.maxIntervals, meters[meter].held[obis] == nil,
            let known = meters[meter].register(obis),
            case .number(let number) = known.value.value
        else { return nil }
        // A register seen once has no interval yet; a minute is the slowest that a meter pushes powers.
        let age = reading.received.milliseconds(since: known.received)
        guard age <= Int64(intervals) * (known.interval ?? 30_000) else { return nil }
        return (number, known.value.unit)
    }

    /// The same message has the same id after a crash: it covers what the source sent and nothing that this bridge added.
    private static func identifier(of telegram: Telegram, meter: String) -> String {
        var checksum = Checksum()
        checksum.combine(meter.utf8)
        checksum.combine((telegram.time?.text ?? "").utf8)
        // In the order of the codes, because the messages of a group may come in another order the next time.
        let observations = telegram.observations
        for index in observations.indices.sorted(by: { observations[$0].obis < observations[$1].obis }) {
            checksum.combine(observations[index].obis.packed)
            switch observations[index].value {
            case .number(let number): checksum.combine(number)
            case .text(let text): checksum.combine(text.utf8)
            case .list(let entries):
                for entry in entries {
                    checksum.combine((entry.time?.text ?? "").utf8)
                    checksum.combine(entry.value)
                }
            }
        }
        return checksum.hex
    }
}

extension Checksum {
    fileprivate mutating func combine(_ number: ExactDecimal) {
        combine(UInt64(bitPattern: number.mantissa))
        combine(UInt64(bitPattern: Int64(number.exponent)))
    }
}
