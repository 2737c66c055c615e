// SPDX-License-Identifier: Apache-2.0

// What `info` and `state` say about a meter, read back. `InfoEncoder` and `StateEncoder` write it.
extension MeterState {
    /// Takes in the facts of an `info`.
    mutating func restoreInfo(_ root: JSONValue, _ profile: Profile) {
        serial = root["serial"]?.text
        predecessor = PreviousMeter(root)
        if let interval = root["interval"].flatMap({ Self.milliseconds($0) }) {
            self.interval = interval
            publishedInterval = interval
        }
        submeters = (root["submeters"]?.elements ?? root.elements).compactMap { member in
            guard let medium = member.value["medium"]?.text.flatMap({ Submeter.Medium(rawValue: $0) }),
                let channel = member.value["channel"]?.quotedDecimal.flatMap({ Int($0.description) })
            else { return nil }
            return Submeter(channel: channel, medium: medium, id: member.value["id"]?.text)
        }
        if let scales = root["scales"] {
            var powers: [Quantity: Int] = [:]
            for member in scales.members {
                guard let quantity = Quantity(rawValue: member.key.string), let factor = member.value.quotedDecimal,
                    factor.mantissa == 1, (-4...4).contains(factor.exponent), factor.exponent != 0
                else { continue }
                powers[quantity] = factor.exponent
            }
            self.scales.restore(powers)
        }
        if let kind = root["netting"]?.text.flatMap({ Netting.Kind(rawValue: $0) }) { netting.restore(kind) }
        // `state`, where there is one, knows of what is not certain, and may come before or after.
        totals.restore(settled: root["tariffs"]?["import"], \.imported)
        totals.restore(settled: root["tariffs"]?["export"], \.exported)
        totals.restore(settled: root["phases"], \.phases)
        let model = MeterModel(manufacturer: root["manufacturer"]?.text, model: root["model"]?.text)
        if model != MeterModel() { self.model = model }
        // The broker may deliver `state` first.
        nameRegisters(profile)
    }

    /// Takes in the values of a `state`.
    mutating func restore(_ state: StateHead, now: Timestamp, _ profile: Profile) {
        let root = state.root
        newest = (state.time, state.clock, state.received)
        heardBefore = state.received
        primaryReceived = state.received
        let reread = Set((root["reread"]?.elements ?? root.elements).compactMap(\.value.text))
        if !isClockReread, !reread.contains("time") {
            order.newest = state.clock == .bridge ? root["clock"]?.instant : state.time
        }
        let usual = Self.pace(root, usual: Pace(received: state.received))
        // The time without this bridge says nothing about the meter.
        let isAway = now.milliseconds(since: state.received) >= Silence.limit(usual.interval)
        isPaused = usual.isDelayed || isAway
        for member in state.registers.members {
            guard let obis = OBISCode(member.key.string) else { continue }
            let symbol = member.value["unit"]?.text
            let known = symbol.flatMap { Unit($0) }
            let unit = known ?? symbol.map { .asReceived($0) }
            guard let value = member.value.registerValue(isNumber: known != nil) else { continue }
            let own = member.value["time"]?.instant
            let register = RegisterValue(
                obis: obis, value: value, unit: unit, time: own, isDerived: member.value["derived"]?.boolean == true)
            // Nobody computes it any more.
            if register.isDerived, demandFloor == nil, Demand.Registers.computed.contains(obis) { continue }
            let pace = Self.pace(member.value, usual: usual)
            update(register, time: own ?? state.time, received: pace.received, profile: profile)
            if let position = position(of: obis) {
                registers[position].published = RegisterState.Published(at: pace.received)
                registers[position].interval = pace.interval
                registers[position].isPaused = pace.isDelayed || isAway
                registers[position].isRestored = true
                registers[position].isStale = member.value["quality"]?.text == Quality.stale.rawValue
            }
            restoreQuality(member.value, of: obis)
        }
        restoreNetting(root["netting"])
        demand = demandFloor == nil ? nil : Demand(root["demand"])
        if let open = root["totals"] {
            totals.restore(open: open["import"], \.imported)
            totals.restore(open: open["export"], \.exported)
            totals.restore(open: open["phases"], \.phases)
            totals.withoutPhaseExport = min(open["without_phase_export"]?.count ?? 0, Parts.proof)
        }
        if let name = root["sender"]?["name"]?.text, let text = root["sender"]?["memory"]?.text {
            memory = SenderMemory(sender: name, text: text)
        }
        for code in reread.compactMap({ OBISCode($0) }) where position(of: code) != nil { self.reread.insert(code) }
        if isReread {
            readAnew(profile)
        } else {
            collisions = CollisionWatch(root["collision"]) ?? assumedCollisions
        }
    }

    /// How far its netting was known; what it is stands in `info`, which may come before or after.
    private mutating func restoreNetting(_ evidence: JSONValue?) {
        guard let evidence else { return }
        let kind = netting.kind
        netting = Netting(
            seen: evidence["seen"]?.count ?? 0, withoutExport: evidence["without_export"]?.count ?? 0,
            repeated: evidence["repeated"]?.text.flatMap { Netting.Side(rawValue: $0) })
        netting.restore(kind)
    }

    /// A counter that was held goes on being held, as many messages later as before.
    private mutating func restoreQuality(_ value: JSONValue, of obis: OBISCode) {
        switch value["quality"]?.text.flatMap({ Quality(rawValue: $0) }) {
        case .previous: previous.insert(obis)
        case .held:
            guard let held = value["held"], let rule = held["rule"]?.text.flatMap({ Fix.Rule(rawValue: $0) }),
                let number = held["value"]?.quotedDecimal, let time = held["time"]?.instant,
                let since = held["since"]?.instant, let messages = held["messages"]?.count
            else { return }
            let unit = held["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            hold(
                obis,
                HeldCounter(rule: rule, value: number, unit: unit, time: time, since: since, messages: messages))
        case .stale, nil: break
        }
    }

    /// A pace as `StateEncoder` writes it: what is absent is as usual.
    private static func pace(_ member: JSONValue, usual: Pace) -> Pace {
        Pace(
            received: member["received"]?.instant ?? usual.received,
            interval: member["interval"].map { milliseconds($0) } ?? usual.interval,
            isDelayed: member["delayed"].map { $0.boolean == true } ?? usual.isDelayed)
    }

    /// An interval in seconds as it is published; nil for 0, and for what no meter has.
    private static func milliseconds(_ seconds: JSONValue) -> Int64? {
        guard let scaled = seconds.quotedDecimal?.scaled(byPowerOfTen: 3).rounded(toDecimals: 0),
            let interval = Int64(scaled.description), (1...longestInterval).contains(interval)
        else { return nil }
        return interval
    }

    /// A week in milliseconds: no meter is slower, and a number beyond it is not one of this bridge's.
    private static let longestInterval: Int64 = 604_800_000
}

extension Totals {
    /// What was certain. What `state` says of the same parts is newer.
    fileprivate mutating func restore(settled numbers: JSONValue?, _ parts: WritableKeyPath<Totals, Parts>) {
        guard let numbers, self[keyPath: parts] == Parts() else { return }
        self[keyPath: parts] = Parts(members: numbers.elements.compactMap(\.value.count), steady: Parts.proof)
    }

    /// What was not certain.
    fileprivate mutating func restore(open: JSONValue?, _ parts: WritableKeyPath<Totals, Parts>) {
        guard let open else { return }
        self[keyPath: parts] = Parts(
            members: open["parts"]?.elements.compactMap(\.value.count) ?? [],
            late: open["late"]?.elements.compactMap(\.value.count) ?? [], steady: open["steady"]?.count ?? 0)
    }
}

extension CollisionWatch {
    fileprivate init?(_ evidence: JSONValue?) {
        guard let evidence, let values = evidence["values"]?.elements.compactMap(\.value.quotedDecimal),
            let changes = evidence["changes"]?.count, let steady = evidence["steady"]?.count
        else { return nil }
        self.init(tracks: values, changes: changes, steady: steady)
    }
}

extension PreviousMeter {
    fileprivate init?(_ info: JSONValue) {
        guard let member = info["previous"], let since = info["since"]?.instant else { return nil }
        let counters = (member["counters"]?.members ?? info.members).compactMap { counter -> RegisterValue? in
            guard let obis = OBISCode(counter.key.string), let value = counter.value.registerValue(isNumber: true)
            else {
                return nil
            }
            let unit = counter.value["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            return RegisterValue(obis: obis, value: value, unit: unit, time: counter.value["time"]?.instant)
        }
        self.init(meter: member["meter"]?.text, serial: member["serial"]?.text, counters: counters, since: since)
    }
}
