// SPDX-License-Identifier: Apache-2.0

/// Turns a telegram of a known meter into a reading.
struct Steps: Sendable {
    private var rules: RegisterRules
    private let derived: DerivedStep
    private let demand: DemandStep
    private var zones = ZoneWatch()

    init(_ setup: PipelineSetup) {
        rules = RegisterRules(setup.profile)
        derived = DerivedStep(setup.profile)
        demand = DemandStep(setup.profile)
    }

    /// The result for a telegram.
    enum Outcome {
        case reading(Reading)
        case rejected(Rejection)
        /// Nothing to publish; counted by kind.
        case nothing(kind: String)
    }

    /// The rules that the steps decide about; the others are those of an id (`MeterRegistry.rules`) and of a telegram that was hard
    /// to read (`Telegram.rules`).
    static let rules: [Fix.Rule] =
        TimeStep.rules + OrderStep.rules + UnitStep.rules + CollisionStep.rules + CounterStep.rules + FrozenStep.rules

    /// Brings a telegram into the profile's registers, units and times.
    ///
    /// - Parameters:
    ///   - idFix: the fix about the meter's id, if there is one.
    ///   - sender: the device that sent it.
    ///   - clock: what is known about that device's clock.
    ///   - index: the place of its source in the settings.
    mutating func harmonise(
        _ telegram: Telegram, origin: Origin, idFix: Fix?, sender: Sender, source index: Int, clock: inout ClockWatch,
        meter: inout MeterState, _ setup: PipelineSetup, _ journal: inout Journal
    ) -> Outcome {
        let source = setup.settings.sources[index]
        let zone = meter.settings.zone ?? source.zone
        var draft = Draft(origin: origin, zone: zone, policies: setup.policies[index])
        if let idFix { draft.fixes.record(idFix) }
        // The time first: it decides how old everything else is.
        TimeStep(setup: setup).apply(
            &draft, telegram, clock: &clock, meter: &meter, sender: sender, source: source, &journal)
        if origin.isRetained, draft.clock == .bridge {
            // The time of its values is unknown. The next live message brings them.
            journal.say(.undated(topic: origin.topic))
            return .nothing(kind: "retained-undated")
        }
        if meter.settings.zone == nil { zones.look(at: telegram, source: index, of: source, origin: origin, &journal) }
        for repair in telegram.repairs { draft.fixes.record(repair) }
        let isPrimary = meter.isPrimary(sender, at: origin.received)
        // Before the values: late ones are not judged.
        OrderStep().apply(&draft, meter: &meter, isPrimary: isPrimary)
        draft.registers.reserveCapacity(telegram.observations.count + setup.profile.derived.count)
        UnitStep().apply(
            &draft, telegram.observations, factors: ScaleStep.factors(of: meter, source), limits: setup.profile.time,
            rules: &rules, meter: &meter)
        let isEmpty = draft.registers.isEmpty
        if draft.order != .old {
            CollisionStep().apply(&draft, meter: &meter, &journal)
            // A stand-in may lag behind the first reader of a meter, which is not a fault of the counter.
            if isPrimary {
                // Before the guard removes registers.
                ScaleStep().apply(draft, meter: &meter, source: source, &journal)
                CounterStep(setup: setup).apply(&draft, rules: &rules, meter: &meter, &journal)
            }
            if !isEmpty { FrozenStep().apply(&draft, meter: meter) }
            // Last: computed from what was found good.
            derived.apply(
                &draft, meter: &meter, isPrimary: isPrimary, mayRepeat: source.adapter.repeatsOldValues, setup, &journal
            )
            demand.apply(&draft, meter: &meter, isPrimary: isPrimary, &journal)
        }
        if let rule = draft.fixes.rejecting {
            let judge = source.policies[rule] == nil ? "profile" : "source"
            return .rejected(Rejection(.policy, "the \(judge) rejects \(rule.rawValue)"))
        }
        guard !isEmpty else { return Self.empty(draft) }
        var reading = (consume draft).reading(of: meter.id)
        reading.id = telegram.identifier(ofMeter: meter.id)
        if journal.keepsTraces {
            let sent = telegram.time?.instant(in: zone, near: origin.received)
            journal.trace(.reading(reading, telegram: telegram, device: sender.device, sent: sent))
        }
        return .reading(reading)
    }

    /// A telegram without any register that can be published.
    private static func empty(_ draft: Draft) -> Outcome {
        guard let dropped = draft.fixes.all.first(where: { $0.action == .drop && UnitStep.rules.contains($0.rule) })
        else {
            return .nothing(kind: "no-registers")
        }
        let values = dropped.original.map { " (\($0))" } ?? ""
        let fields = dropped.fields.joined(separator: ", ")
        return .rejected(Rejection(.value, "no register can have its value\(values): \(fields)"))
    }
}

extension Telegram {
    /// The same message has the same id after a crash: the id covers what the source sent and nothing that this bridge
    /// added.
    fileprivate func identifier(ofMeter meter: String) -> String {
        var checksum = Checksum()
        checksum.combine(text: meter)
        if let time { time.withText { checksum.combine(bytes: $0) } } else { checksum.combine(text: "") }
        // In the order of the codes, because the messages of a group may come in another order the next time.
        // Code and place in one integer: equal codes keep their order.
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: observations.count) { order in
            var order = order
            for index in observations.indices { order[index] = observations[index].obis.packed << 16 | UInt64(index) }
            order.sort()
            for place in order { combine(observations[Int(place & 0xffff)], into: &checksum) }
        }
        return checksum.hex
    }

    private func combine(_ observation: Observation, into checksum: inout Checksum) {
        checksum.combine(observation.obis.packed)
        if let number = observation.number { return checksum.combine(number) }
        switch observation.value {
        case .number: break
        case .text(let text): checksum.combine(text: text)
        case .list(let entries):
            for entry in entries {
                if let time = entry.time {
                    time.withText { checksum.combine(bytes: $0) }
                } else {
                    checksum.combine(text: "")
                }
                checksum.combine(entry.value)
            }
        }
    }
}

extension Checksum {
    fileprivate mutating func combine(_ number: ExactDecimal) {
        combine(UInt64(bitPattern: number.mantissa))
        combine(UInt64(bitPattern: Int64(number.exponent)))
    }
}
