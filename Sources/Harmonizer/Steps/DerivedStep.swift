// SPDX-License-Identifier: Apache-2.0

/// Adds the registers that are computed from others: those that every meter shall have, whatever it sends, and the
/// user's own.
///
/// Momentary values are computed from values of one instant only: batteries are controlled by the net power, and the
/// import of now minus the export of ten seconds ago was never true. Totals of energy are computed from all tariffs of
/// one reading.
struct DerivedStep: Sendable {
    /// In an order in which a register may be an input of the next ones.
    private let rows: [Row]

    /// The sums of rows that have one.
    private let sums: [DerivedRegister.Sum]

    /// A register with everything that is looked up once, and without references: each message visits all rows.
    fileprivate struct Row {
        let obis: OBISCode
        let unit: Unit?
        /// Its place among the core registers; nil for a register of the user's.
        let slot: CoreSlot?
        let way: Way

        enum Way {
            case net(sum: Int)
            case phase(Int)
            case part(of: OBISCode, DerivedRegister.Sign)
            case tariffs
            case sum(Int)
        }
    }

    init(_ profile: Profile) {
        var sums: [DerivedRegister.Sum] = []
        let rows = profile.derived.map { register in
            let slot = CoreSlot(register.obis)
            let way: Row.Way
            switch register.way {
            case .tariffs: way = .tariffs
            case .part(let whole, let sign): way = .part(of: whole, sign)
            case .sum(let sum):
                sums.append(sum)
                if slot == .net, sum.isNetPower {
                    way = .net(sum: sums.count - 1)
                } else if let phase = slot?.phase, sum.isPhasePower(phase) {
                    way = .phase(phase)
                } else {
                    way = .sum(sums.count - 1)
                }
            }
            return Row(
                obis: register.obis, unit: profile.register(register.obis)?.units.first, slot: slot, way: way)
        }
        // Phases, net power, its parts, energy; the user's own may use all of them.
        self.rows =
            rows.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
        self.sums = sums
    }

    /// - Parameters:
    ///   - isPrimary: false for a stand-in, which says nothing about what its meter usually sends.
    ///   - mayRepeat: true for a reader that repeats old values.
    func apply(
        _ draft: inout Draft, meter: inout MeterState, isPrimary: Bool, mayRepeat: Bool, _ setup: PipelineSetup,
        _ journal: inout Journal
    ) {
        guard !rows.isEmpty else { return }
        var work = Work(
            inputs: CoreInputs(draft.registers), totals: meter.instrument.totals, isWhole: draft.registers.count > 1,
            isPrimary: isPrimary, mayRepeat: mayRepeat, quiet: setup.profile.groups.quiet)
        work.net = net(of: draft, work, meter: &meter)
        if work.inputs.hasPhaseExport {
            work.totals.withoutPhaseExport = 0
        } else if work.inputs.hasPhaseImport, work.isWhole {
            work.totals.withoutPhaseExport = min(work.totals.withoutPhaseExport + 1, Parts.proof)
        }
        for row in rows where !meter.isSent(row.obis) {
            if let slot = row.slot, work.inputs[slot] != nil { continue }
            guard let value = value(of: row, draft, meter, &work) else { continue }
            if row.slot == nil, draft.registers.contains(where: { $0.obis == row.obis }) { continue }
            if case .tariffs = row.way {
                guard !isHeld(value.number, of: row, &draft, &meter, &work, setup, &journal) else { continue }
                if isPrimary { meter.believe(row.obis) }
            }
            if let slot = row.slot { work.inputs[slot] = draft.registers.count }
            draft.registers.append(
                RegisterValue(
                    obis: row.obis, value: .number(value.number), unit: row.unit,
                    time: value.time == draft.time ? nil : value.time, isDerived: true))
        }
        guard isPrimary, work.totals != meter.instrument.totals else { return }
        if work.totals.isOtherInInfo(than: meter.instrument.totals) { meter.isInfoStale = true }
        meter.instrument.totals = work.totals
    }

    /// Intermediate results for one reading.
    private struct Work {
        var inputs: CoreInputs
        var totals: Totals
        let isWhole: Bool
        let isPrimary: Bool
        let mayRepeat: Bool
        /// The longest pause between two messages of one telegram.
        let quiet: TimeSpan
        var net = Netting.Evidence.nothing
        /// True once the net power was computed from import and export, which are then not computed from it.
        var isNetOfSides = false
    }

    /// A number and when it was true.
    private struct Value {
        var number: ExactDecimal
        var time: Timestamp
    }

    private func value(of row: Row, _ draft: Draft, _ meter: MeterState, _ work: inout Work) -> Value? {
        switch row.way {
        case .net(let sum): return netPower(row, sums[sum], draft, meter, &work)
        case .phase(let phase): return phasePower(phase, row.unit, draft, meter, work)
        case .part(let whole, let sign): return part(of: whole, sign, row, draft, meter, work)
        case .tariffs: return tariffs(row, draft, &work)
        case .sum(let index):
            let sum = sums[index]
            return self.sum(sum, row.unit, draft, meter, work.quiet).map {
                Value(number: $0, time: draft.instant(of: sum.add + sum.subtract) ?? draft.time)
            }
        }
    }

    // MARK: - Power

    /// What a reading says about the net power of its meter.
    private func net(of draft: Draft, _ work: Work, meter: inout MeterState) -> Netting.Evidence {
        let (imported, exported) = (work.inputs[.powerImport], work.inputs[.powerExport])
        guard let one = imported ?? exported else { return .nothing }
        let time = draft.registers[one].time ?? draft.time
        if let exported, imported != nil, (draft.registers[exported].time ?? draft.time) != time { return .nothing }
        var netting = meter.instrument.netting
        let evidence = netting.take(
            import: power(.import, at: imported, time, draft, meter, work.quiet),
            export: power(.export, at: exported, time, draft, meter, work.quiet), isWhole: work.isWhole,
            mayRepeat: work.mayRepeat)
        if work.isPrimary {
            if netting.kind != meter.instrument.netting.kind { meter.isInfoStale = true }
            meter.instrument.netting = netting
        }
        return evidence
    }

    /// The power of one direction: the reading's value, the known value, and the value from another message of the same
    /// instant.
    private func power(
        _ side: Netting.Side, at place: Int?, _ time: Timestamp, _ draft: Draft, _ meter: borrowing MeterState,
        _ quiet: TimeSpan
    ) -> Netting.Power {
        let known = meter.position(of: side.obis).flatMap {
            meter.registers[$0].isSentByMeter ? meter.registers[$0].value.number(in: Self.watt) : nil
        }
        guard let place else {
            let partner = draft.partner(side.obis, of: [side.obis, side.other.obis], at: time, in: meter, quiet)
            return Netting.Power(new: nil, known: known, sameInstant: partner?.number(in: Self.watt))
        }
        return Netting.Power(new: draft.registers[place].number(in: Self.watt), known: known, sameInstant: nil)
    }

    private static let watt = Unit("W")

    private func netPower(
        _ row: Row, _ sum: DerivedRegister.Sum, _ draft: Draft, _ meter: MeterState, _ work: inout Work
    ) -> Value? {
        let (imported, exported) = (work.inputs[.powerImport], work.inputs[.powerExport])
        guard let one = imported ?? exported else {
            let isOfSides = meter.isSent(Netting.Side.import.obis) || meter.isSent(Netting.Side.export.obis)
            return sum.phases.isEmpty || isOfSides ? nil : phases(sum.phases, row.unit, draft, &work)
        }
        let number: ExactDecimal?
        switch work.net {
        case .nothing: return nil
        case .both:
            if let imported, let exported {
                number = draft.registers[imported].number(in: row.unit).flatMap { power in
                    draft.registers[exported].number(in: row.unit).flatMap(power.subtracting)
                }
            } else {
                number = self.sum(sum, row.unit, draft, meter, work.quiet)
            }
        case .alone(.import):
            if !meter.isSent(Netting.Side.export.obis), meter.hasExported { return nil }
            number = imported.flatMap { draft.registers[$0].number(in: row.unit) }
        case .alone(.export):
            number = exported.flatMap { draft.registers[$0].number(in: row.unit) }.flatMap(
                ExactDecimal.zero.subtracting)
        }
        work.isNetOfSides = number != nil
        return number.map { Value(number: $0, time: draft.registers[one].time ?? draft.time) }
    }

    /// The sum of the phases, for a meter that sends no other power.
    private func phases(_ codes: [OBISCode], _ unit: Unit?, _ draft: Draft, _ work: inout Work) -> Value? {
        var present: UInt64 = 0
        var sum = ExactDecimal.zero
        var time: Timestamp?
        for (index, code) in codes.enumerated() {
            guard let register = draft.registers.first(where: { $0.obis == code }) else { continue }
            present |= 2 << UInt64(index)
            let own = register.time ?? draft.time
            guard time == nil || time == own, let number = register.number(in: unit), let next = sum.adding(number)
            else { return nil }
            (sum, time) = (next, own)
        }
        guard let time else { return nil }
        let isComplete = work.totals.phases.take(present, zeros: 0, isWhole: work.isWhole)
        if work.totals.phases.isHeld { work.totals.phases.rejoin() }
        return isComplete && work.totals.phases.isSettled ? Value(number: sum, time: time) : nil
    }

    /// Import minus export of one phase. A phase has only one direction at a time, whatever the others do.
    private func phasePower(
        _ phase: Int, _ unit: Unit?, _ draft: Draft, _ meter: MeterState, _ work: Work
    ) -> Value? {
        let sides = CoreSlot.sides(ofPhase: phase)
        guard let imported = work.inputs[sides.import].map({ draft.registers[$0] }),
            let power = imported.number(in: unit)
        else { return nil }
        let time = imported.time ?? draft.time
        if let exported = work.inputs[sides.export].map({ draft.registers[$0] }) {
            guard let other = exported.number(in: unit), (exported.time ?? draft.time) == time else { return nil }
            // One of the two is an old value.
            if work.mayRepeat, power > .zero, other > .zero { return nil }
            return power.subtracting(other).map { Value(number: $0, time: time) }
        }
        let hasExport = CoreSlot.phaseExports.contains(where: meter.isSent) || meter.isSent(Netting.Side.export.obis)
        guard work.totals.withoutPhaseExport >= Parts.proof, !hasExport, !meter.hasExported else { return nil }
        return Value(number: power, time: time)
    }

    /// The part of a signed register above zero, or below it.
    private func part(
        of whole: OBISCode, _ sign: DerivedRegister.Sign, _ row: Row, _ draft: Draft, _ meter: MeterState, _ work: Work
    ) -> Value? {
        let isNet = whole == CoreSlot.netPower
        if isNet, work.isNetOfSides { return nil }
        guard let index = isNet ? work.inputs[.net] : draft.registers.firstIndex(where: { $0.obis == whole }),
            let net = draft.registers[index].number(in: row.unit)
        else { return nil }
        let time = draft.registers[index].time ?? draft.time
        if isNet, let slot = row.slot, slot == .powerImport || slot == .powerExport {
            let other: CoreSlot = slot == .powerImport ? .powerExport : .powerImport
            if let sent = work.inputs[other].map({ draft.registers[$0] }), !sent.isDerived {
                // A meter that adds up its phases imports and exports at once.
                guard let number = sent.number(in: row.unit), (sent.time ?? draft.time) == time,
                    let rest = slot == .powerImport ? net.adding(number) : number.subtracting(net), rest >= .zero
                else { return nil }
                return Value(number: rest, time: time)
            }
            let side: Netting.Side = slot == .powerImport ? .export : .import
            if meter.isSent(side.obis) { return nil }
        }
        let part = sign == .positive ? net : ExactDecimal.zero.subtracting(net)
        return part.map { Value(number: max($0, .zero), time: time) }
    }

    // MARK: - Energy

    /// The sum over all tariffs, once no further tariff is expected.
    private func tariffs(_ row: Row, _ draft: Draft, _ work: inout Work) -> Value? {
        let isImport = row.obis == Totals.energyImport
        let present = work.inputs.tariffs(of: row.obis)
        guard present != 0 else { return nil }
        var sum = ExactDecimal.zero
        var zeros: UInt64 = 0
        var time: Timestamp?
        for register in draft.registers where register.obis.isTariff(of: row.obis) {
            guard let number = register.number(in: row.unit), let next = sum.adding(number) else { return nil }
            if number.isZero { zeros |= 1 << UInt64(register.obis.e) }
            sum = next
            if let own = register.time { time = max(time ?? own, own) }
        }
        let isComplete =
            isImport
            ? work.totals.imported.take(present, zeros: zeros, isWhole: work.isWhole)
            : work.totals.exported.take(present, zeros: zeros, isWhole: work.isWhole)
        let isSettled = isImport ? work.totals.imported.isSettled : work.totals.exported.isSettled
        return isComplete && isSettled ? Value(number: sum, time: time ?? draft.time) : nil
    }

    /// True for a total that jumps because a tariff came when the total was known already.
    private func isHeld(
        _ sum: ExactDecimal, of row: Row, _ draft: inout Draft, _ meter: inout MeterState, _ work: inout Work,
        _ setup: PipelineSetup, _ journal: inout Journal
    ) -> Bool {
        guard var parts = work.totals[row.obis], parts.isHeld else { return false }
        let fix = Fix(.counterJump, fields: [row.obis.description], action: .hold, original: sum.description)
        guard draft.fixes.decide(fix, for: .counterJump) else {
            parts.accept()
            work.totals[row.obis] = parts
            return false
        }
        guard work.isPrimary else { return true }
        journal.say(
            .tariffLate(
                meter: meter.id, row.obis, tariffs: Parts.numbers(parts.late),
                command: "obis-bridge accept \(meter.id)\(setup.settings.commandOptions)"))
        let since = meter.instrument.held[row.obis]?.since ?? draft.origin.received
        meter.hold(
            row.obis,
            HeldCounter(rule: .counterJump, value: sum, unit: row.unit, time: draft.time, since: since, messages: 0))
        return true
    }

    // MARK: - Sums, which users may define too

    private func sum(
        _ sum: DerivedRegister.Sum, _ unit: Unit?, _ draft: Draft, _ meter: MeterState, _ quiet: TimeSpan
    ) -> ExactDecimal? {
        let inputs = sum.add + sum.subtract
        guard draft.registers.contains(where: { inputs.contains($0.obis) }) else { return nil }
        // The inputs in this reading must be of one time too.
        guard !sum.isMomentary || draft.instant(of: inputs) != nil else { return nil }
        var total = ExactDecimal.zero
        for obis in sum.add {
            guard let number = input(obis, unit, sum, draft, meter, quiet), let next = total.adding(number) else {
                return nil
            }
            total = next
        }
        for obis in sum.subtract {
            guard let number = input(obis, unit, sum, draft, meter, quiet), let next = total.subtracting(number) else {
                return nil
            }
            total = next
        }
        return total
    }

    /// The number of an input in `unit`; nil where there is no usable one.
    private func input(
        _ obis: OBISCode, _ unit: Unit?, _ sum: DerivedRegister.Sum, _ draft: Draft, _ meter: MeterState,
        _ quiet: TimeSpan
    ) -> ExactDecimal? {
        if let own = draft.registers.first(where: { $0.obis == obis }) { return own.number(in: unit) }
        guard let intervals = sum.maxIntervals else { return nil }
        if sum.isMomentary {
            let inputs = sum.add + sum.subtract
            return draft.instant(of: inputs).flatMap {
                draft.partner(obis, of: inputs, at: $0, in: meter, quiet)?.number(in: unit)
            }
        }
        guard meter.instrument.held[obis] == nil, let known = meter.register(obis),
            let number = known.value.number(in: unit)
        else { return nil }
        // A register seen once has no interval yet; a minute is the slowest that a meter pushes values.
        let age = draft.origin.received - known.received
        return age <= Int64(intervals) * (known.interval ?? .seconds(30)) ? number : nil
    }
}

extension DerivedStep.Row {
    fileprivate var rank: Int {
        switch slot {
        case let slot? where slot.phase != nil: 0
        case .net?: 1
        case _?: 2
        case nil: Totals()[obis] == nil ? 4 : 3
        }
    }
}

extension MeterState {
    /// True for a meter whose counters say that it has exported: its import alone is not its net power.
    fileprivate var hasExported: Bool {
        registers.contains { register in
            guard register.value.obis == Totals.energyExport || register.value.obis.isTariff(of: Totals.energyExport),
                case .number(let number) = register.value.value
            else { return false }
            return number > .zero
        }
    }
}

extension Draft {
    /// The time at which those of these registers that the draft contains were true; nil for none, and for different
    /// times.
    fileprivate func instant(of codes: [OBISCode]) -> Timestamp? {
        var instant: Timestamp?
        for register in registers where codes.contains(register.obis) {
            let time = register.time ?? time
            guard instant == nil || instant == time else { return nil }
            instant = time
        }
        return instant
    }

    /// The value of a register that came in a message just before this one and is of the same instant: readers that
    /// send each value as it comes give all values of one telegram the same time. Nil for any other.
    ///
    /// - Parameters:
    ///   - inputs: all inputs of the computation. An input that comes a second time begins another instant.
    ///   - quiet: the longest pause between two messages of one telegram.
    fileprivate func partner(
        _ obis: OBISCode, of inputs: [OBISCode], at instant: Timestamp, in meter: MeterState, _ quiet: TimeSpan
    ) -> RegisterValue? {
        func isOfThisInstant(_ known: RegisterState) -> Bool {
            let pause = origin.received - known.received
            // Delayed messages arrive at any pace; without a time, only the arrival tells.
            let isTogether = (.zero...quiet).contains(pause)
            return clock == .bridge ? isTogether : known.time == instant && (isTogether || isDelayed)
        }
        guard let known = meter.register(obis), !known.value.isDerived, isOfThisInstant(known) else { return nil }
        for input in inputs where registers.contains(where: { $0.obis == input }) {
            if let earlier = meter.register(input), isOfThisInstant(earlier) { return nil }
        }
        return known.value
    }
}

extension DerivedRegister.Sum {
    /// True for a sum of momentary values.
    var isMomentary: Bool { add.contains(where: \.isInstantaneous) || subtract.contains(where: \.isInstantaneous) }

    /// True for import minus export.
    fileprivate var isNetPower: Bool {
        add.count == 1 && subtract.count == 1 && add[0] == Netting.Side.import.obis
            && subtract[0] == Netting.Side.export.obis
    }

    /// True for import minus export of one phase, 0…2, of the same reading.
    fileprivate func isPhasePower(_ phase: Int) -> Bool {
        guard add.count == 1, subtract.count == 1, maxIntervals == nil else { return false }
        let sides = CoreSlot.sides(ofPhase: phase)
        return CoreSlot(add[0]) == sides.import && CoreSlot(subtract[0]) == sides.export
    }
}

extension RegisterValue {
    /// The number in `unit`, exactly; nil for a value that is not a number, and for units that do not convert.
    func number(in unit: Unit?) -> ExactDecimal? {
        guard let number else { return nil }
        if self.unit == unit { return number }
        // A profile may have import in W and the net in kW.
        guard let unit, let power = self.unit?.powerOfTen(to: unit) else { return nil }
        return number.scaled(byPowerOfTen: power)
    }
}
