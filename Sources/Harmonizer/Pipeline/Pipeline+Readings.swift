// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Harmonises a telegram whose device is bound to a meter, and encodes what follows from it.
    mutating func publish(_ telegram: Telegram, device index: Int, origin: Origin) -> [Publication] {
        guard let identity = devices[index].identity else { return [] }
        let policies = policies(of: index)
        let meter = identity.meter
        if meters[meter].learn(telegram) { nameRegisters(of: meter) }
        if let labels = devices[index].labels { meters[meter].note(labels) }

        let zone = meters[meter].zone ?? zone(of: index)
        let learned = devices[index].clock.learned
        let timed = TimeRepair(limits: profile.time, policies: policies, zone: zone).repaired(
            telegram, arrival: origin.arrival, watch: &devices[index].clock)
        if devices[index].clock.learned != learned { noteClock(device: index, meter: meter) }
        if origin.isRetained, timed.clock == .bridge { return withheld(origin) }
        if timed.usedZone { meters[meter].note(.zone(zone.identifier)) }
        if meters[meter].zone == nil {
            hintAtZone(telegram, source: devices[index].device.source, origin: origin)
        }
        var fixes: [Fix] = []
        if let fix = idFix(for: telegram, device: index, identity: identity) { fixes.join(fix) }
        for fix in timed.fixes { fixes.join(fix) }
        for fix in telegram.repairs { fixes.join(fix) }

        let order = order(of: timed, device: index, meter: meter, origin: origin, fixes: &fixes)
        var reading = Reading(
            meter: meters[meter].id, id: "", time: timed.time, clock: timed.clock, order: order,
            isDelayed: timed.isDelayed,
            received: origin.received,
            registers: registers(
                of: telegram, device: index, meter: meter, zone: zone, time: timed.time, origin: origin, fixes: &fixes),
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
            let judge = source(of: index).policies[fix.rule] == nil ? "profile" : "source"
            return reject(Rejection(.policy, "the \(judge) rejects \(fix.rule.rawValue)"), origin: origin)
        }
        guard !isEmpty else {
            if let dropped = fixes.first(where: { [.valueDropped, .valueSentinel, .valueUnit].contains($0.rule) }) {
                let values = dropped.original.map { " (\($0))" } ?? ""
                let detail = "no register can have its value\(values): \(dropped.fields.joined(separator: ", "))"
                return reject(Rejection(.value, detail), origin: origin)
            }
            counters.count(ignored: "no-registers", source: devices[index].device.source)
            return []
        }
        let frozen =
            reading.order == .old ? [] : FrozenContent.evidence(in: reading, meter: meters[meter])
        if !frozen.isEmpty { fixes.join(Fix(.contentFrozen, fields: frozen, action: .flag)) }
        fixes.removeAll { policies.policy($0.rule) == .off }
        reading.fixes = fixes
        reading.id = Self.identifier(of: telegram, meter: reading.meter)
        if reading.order != .old { reading.registers += derived(for: reading, meter: meter, device: index) }
        counters.count(reading: devices[index].device.source)
        noteAge(of: reading)
        meters[meter].readings += 1
        tellFirstReading(reading, meter: meter)
        note(reading.fixes, meter: meter, device: index, at: origin.received)
        if keepsTraces {
            let sent = telegram.time?.instant(in: zone, near: origin.received)
            trace(.reading(reading, telegram: telegram, device: devices[index].device.name, sent: sent))
        }
        // Whoever takes no readings must not fill the memory with them.
        if keepsReadings, readings.count < 10_000 { readings.append(reading) }
        return encode(reading, device: index)
    }

    private mutating func registers(
        of telegram: Telegram, device index: Int, meter: Int, zone: Zone, time: Timestamp, origin: Origin,
        fixes: inout [Fix]
    ) -> [RegisterValue] {
        let harmonizer = RegisterHarmonizer(
            policies: policies(of: index), zone: zone, time: time, arrival: origin.received,
            factors: factors(device: index, meter: meter))
        var registers: [RegisterValue] = []
        registers.reserveCapacity(telegram.observations.count + profile.derived.count)
        for observation in telegram.observations {
            let rule = setup.rules.rule(observation.obis, observation.received)
            let value = harmonizer.harmonise(observation, by: rule, fixes: &fixes)
            // The same register on two channels of one telegram: the first is the meter's own.
            guard let value, !registers.contains(where: { $0.obis == value.obis }) else { continue }
            registers.append(value)
            if let translation = rule.translation { meters[meter].note(translation) }
            if observation.obis != value.obis {
                meters[meter].note(.channel(received: observation.obis, published: value.obis))
            }
        }
        return registers
    }

    /// The same message has the same id after a crash: it covers what the source sent and nothing that this bridge added.
    private static func identifier(of telegram: Telegram, meter: String) -> String {
        var checksum = Checksum()
        checksum.combine(meter.utf8)
        checksum.combine((telegram.time?.text ?? "").utf8)
        // In the order of the codes, because the messages of a group may come in another order the next time.
        let observations = telegram.observations
        // Code and place in one integer: equal codes keep their order.
        var order = observations.indices.map { observations[$0].obis.packed << 16 | UInt64($0) }
        order.sort()
        for index in order.lazy.map({ Int($0 & 0xffff) }) {
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
