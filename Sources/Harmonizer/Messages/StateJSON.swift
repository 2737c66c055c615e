// SPDX-License-Identifier: Apache-2.0

/// `…/meter/<id>/state`: the newest value of every register, and the same flat by alias.
struct StateEncoder {
    let schema: String

    /// Nil before the first reading.
    func payload(_ meter: MeterState) -> [UInt8]? {
        guard let newest = meter.newest else { return nil }
        var writer = JSONWriter(capacity: 640 + 80 * meter.registers.count)
        writer.object { json in
            json.member("schema", schema)
            json.member("meter", meter.id)
            json.member("name", meter.settings.name)
            json.member("time", newest.time)
            json.member("time_source", newest.clock.rawValue)
            json.member("received", newest.received)
            // A restarted bridge must recognise old readings even where the newest reading had no time of its own.
            if newest.clock == .bridge, let clock = meter.instrument.order.newest { json.member("clock", clock) }
            let pace = meter.pace(newest.received)
            json.pace(pace)
            if let evidence = meter.collisionEvidence {
                json.key("collision")
                json.object { $0.collision(evidence) }
            }
            json.netting(meter.instrument.netting)
            json.totals(meter.instrument.totals)
            if meter.settings.demandFloor != nil, let demand = meter.demand { json.demand(demand) }
            if let memory = meter.memory {
                json.key("sender")
                json.object { json in
                    json.member("name", memory.sender)
                    json.member("memory", memory.text)
                }
            }
            let reread = meter.rereadFields
            if !reread.isEmpty {
                json.key("reread")
                json.array { json in for field in reread { json.string(field) } }
            }
            json.key("registers")
            // No copy of the meter, and none of a register that is only a number.
            let isSimple = meter.instrument.held.isEmpty && meter.previous.isEmpty
            json.beginObject()
            let registers = meter.registers.span
            let (newestTime, arrival) = (PackedTime(newest.time), PackedTime(pace.received))
            for index in registers.indices {
                let time = registers[index].time(unless: newestTime)
                if isSimple, registers[index].value.isPlain, !registers[index].isStale,
                    registers[index].comes(at: pace, arrival: arrival)
                {
                    json.plain(registers[index].value.plain, time: time)
                } else {
                    json.beginRegister(registers[index].value, time: time)
                    json.quality(of: registers[index], held: meter.instrument.held, previous: meter.previous)
                    json.pace(registers[index].pace, unless: pace)
                    json.endObject()
                }
            }
            json.endObject()
            json.key("values")
            json.object { json in
                meter.registers.withUnsafeBufferPointer { json.aliases($0) }
                for named in NamedValue.all {
                    guard let value = named.value(in: meter) else { continue }
                    json.member(named: named.alias, value)
                }
                if let name = meter.tariffName { json.member(named: TariffNames.alias, name) }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// Quality of a value that is held, stale or from the previous meter.
    fileprivate mutating func quality(
        of register: RegisterState, held: [OBISCode: HeldCounter], previous: Set<OBISCode>
    ) {
        let obis = register.value.obis
        if let held = held[obis] {
            member("quality", Quality.held.rawValue)
            key("held")
            object { json in json.held(held) }
        } else if previous.contains(obis) {
            member("quality", Quality.previous.rawValue)
        } else if register.isStale {
            member("quality", Quality.stale.rawValue)
        }
    }

    /// The newest values flat by alias, numbers in one piece: an alias consists of lower-case letters, digits and `_`,
    /// so nothing in it needs an escape.
    fileprivate mutating func aliases(_ registers: UnsafeBufferPointer<RegisterState>) {
        let wordTable = AliasWord.table
        var index = 0
        while index < registers.count {
            let start = index
            var room = 0
            while index < registers.count, !registers[index].hasAlias || registers[index].value.number != nil {
                if let alias = wordTable.bytes(registers[index].word) {
                    room += alias.count + registers[index].value.plain.number.longestText + 4
                }
                index += 1
            }
            if room > 0 {
                words(upTo: room) { cursor, comma in
                    for place in start..<index {
                        guard let alias = wordTable.bytes(registers[place].word) else { continue }
                        if comma { cursor.put(UInt8(ascii: ",")) }
                        comma = true
                        cursor.put(UInt8(ascii: "\""))
                        cursor.put(alias)
                        cursor.put(UInt8(ascii: "\""))
                        cursor.put(UInt8(ascii: ":"))
                        registers[place].value.plain.number.append(to: &cursor)
                    }
                }
            }
            guard index < registers.count else { return }
            if let alias = registers[index].alias, case .text(let text) = registers[index].value.value {
                member(named: alias, text)
            }
            index += 1
        }
    }

    /// The pace of the meter's registers: how often values come decides what is old and how far a counter may rise, so
    /// a restarted bridge needs to know it.
    fileprivate mutating func pace(_ pace: Pace) {
        if let interval = pace.interval { self.interval(interval) }
        if pace.isDelayed { member("delayed", true) }
    }

    /// The pace of one register, where it differs from the usual one.
    fileprivate mutating func pace(_ pace: Pace, unless usual: Pace) {
        if pace.received != usual.received { member("received", pace.received) }
        if pace.interval != usual.interval { interval(pace.interval ?? .zero) }
        if pace.isDelayed != usual.isDelayed { member("delayed", pace.isDelayed) }
    }

    private mutating func interval(_ interval: TimeSpan) {
        key("interval")
        number(ExactDecimal(interval.milliseconds, exponent: -3))
    }

    fileprivate mutating func collision(_ watch: CollisionWatch) {
        key("values")
        array { array in for value in watch.tracks { array.number(value) } }
        key("changes")
        number(watch.changes)
        key("steady")
        number(watch.steady)
    }

    /// How far a meter's netting is known; nothing once `info` contains it all.
    fileprivate mutating func netting(_ netting: Netting) {
        let seen = netting.kind == .unknown ? netting.seen : 0
        guard seen > 0 || netting.withoutExport > 0 || netting.repeated != nil else { return }
        key("netting")
        object { json in
            json.key("seen")
            json.number(seen)
            json.key("without_export")
            json.number(netting.withoutExport)
            json.member("repeated", netting.repeated?.rawValue)
        }
    }

    /// The parts of the totals, as far as they are not certain yet; nothing once `info` contains them all.
    fileprivate mutating func totals(_ totals: Totals) {
        func isOpen(_ parts: Parts) -> Bool { parts.isHeld || (!parts.isSettled && parts.members != 0) }
        let isOpen = isOpen(totals.imported) || isOpen(totals.exported) || isOpen(totals.phases)
        guard isOpen || totals.withoutPhaseExport > 0 else { return }
        func parts(_ name: StaticString, _ parts: Parts, _ json: inout JSONWriter) {
            guard parts.isHeld || (!parts.isSettled && parts.members != 0) else { return }
            json.key(name)
            json.object { json in
                json.key("parts")
                json.array { json in for number in Parts.numbers(parts.members) { json.number(number) } }
                if parts.isHeld {
                    json.key("late")
                    json.array { json in for number in Parts.numbers(parts.late) { json.number(number) } }
                }
                json.key("steady")
                json.number(parts.steady)
            }
        }
        key("totals")
        object { json in
            parts("import", totals.imported, &json)
            parts("export", totals.exported, &json)
            parts("phases", totals.phases, &json)
            if totals.withoutPhaseExport > 0 {
                json.key("without_phase_export")
                json.number(totals.withoutPhaseExport)
            }
        }
    }

    private mutating func held(_ held: HeldCounter) {
        member("rule", held.rule.rawValue)
        key("value")
        number(held.value)
        member("unit", held.unit?.symbol)
        member("time", held.time)
        member("since", held.since)
        key("messages")
        number(held.messages)
    }
}

/// Quality of a register's value in `state`.
enum Quality: String {
    /// A newer value came that is not believed; this is the last good one.
    case held
    /// The value of the meter that was here before.
    case previous
    /// It was not refreshed for three of its intervals.
    case stale
}

// MARK: - Read back

/// The members that every `state` has had since the first 1.0, and without which its values cannot be placed in time.
struct StateHead {
    let root: JSONValue
    let time: Timestamp
    let received: Timestamp
    /// A word that this version does not know means another program's clock: neither the meter's nor this bridge's.
    let clock: Telegram.Clock
    let registers: JSONValue

    /// - Throws: `state.invalid` for a state that lacks one of these.
    init(_ root: JSONValue) throws(Rejection) {
        self.root = root
        time = try Self.instant("time", of: root)
        received = try Self.instant("received", of: root)
        guard let word = root["time_source"]?.text else {
            throw Rejection(.invalidState, at: root.position, "it has no \"time_source\"")
        }
        clock = Telegram.Clock(rawValue: word) ?? .source
        guard let registers = root["registers"], registers.kind == .object else {
            throw Rejection(.invalidState, at: root.position, "it has no \"registers\"")
        }
        self.registers = registers
    }

    private static func instant(_ name: StaticString, of root: JSONValue) throws(Rejection) -> Timestamp {
        guard let member = root[name] else {
            throw Rejection(.invalidState, at: root.position, "it has no \"\(name)\"")
        }
        guard let instant = member.instant else {
            throw Rejection(.invalidState, at: member.position, "its \"\(name)\" is no time")
        }
        return instant
    }
}

extension MeterState {
    /// Restores the values of a `state`.
    mutating func restore(_ state: StateHead, now: Timestamp, _ profile: Profile) {
        let root = state.root
        newest = (state.time, state.clock, state.received)
        heardBefore = state.received
        primaryReceived = state.received
        let reread = Set((root["reread"]?.elements ?? root.elements).compactMap(\.value.text))
        if !isClockReread, !reread.contains("time") {
            instrument.order.newest = state.clock == .bridge ? root["clock"]?.instant : state.time
        }
        let usual = Self.pace(root, usual: Pace(received: state.received))
        // The time while this bridge was down says nothing about the meter.
        let isAway = now - state.received >= Silence.limit(usual.interval)
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
            if register.isDerived, !isComputed(obis, profile) {
                retireRestored(register, time: own ?? state.time, received: state.received, profile)
                continue
            }
            let pace = Self.pace(member.value, usual: usual)
            update(register, time: own ?? state.time, received: pace.received, profile: profile)
            if let position = position(of: obis) {
                registers[position].notePublished(PackedTime(pace.received))
                registers[position].interval = pace.interval
                registers[position].isPaused = pace.isDelayed || isAway
                registers[position].isRestored = true
                registers[position].isStale = member.value["quality"]?.text == Quality.stale.rawValue
            }
            restoreQuality(member.value, of: obis)
        }
        restoreNetting(root["netting"])
        demand = settings.demandFloor == nil ? nil : Demand(root["demand"])
        if let open = root["totals"] {
            instrument.totals.restore(open: open["import"], \.imported)
            instrument.totals.restore(open: open["export"], \.exported)
            instrument.totals.restore(open: open["phases"], \.phases)
            instrument.totals.withoutPhaseExport = min(open["without_phase_export"]?.count ?? 0, Parts.proof)
        }
        if let name = root["sender"]?["name"]?.text, let text = root["sender"]?["memory"]?.text {
            memory = SenderMemory(sender: name, text: text)
        }
        for code in reread.compactMap({ OBISCode($0) }) where position(of: code) != nil { self.reread.insert(code) }
        if isReread {
            readAnew(profile)
        } else {
            instrument.collisions = CollisionWatch(root["collision"]) ?? assumedCollisions
        }
    }

    /// True for a register that is still computed from others.
    private func isComputed(_ obis: OBISCode, _ profile: Profile) -> Bool {
        if Demand.Registers.computed.contains(obis) { return settings.demandFloor != nil || profile.isDerived(obis) }
        return profile.isDerived(obis)
    }

    /// Retires a register that is no longer computed, while the broker still has its last value.
    private mutating func retireRestored(
        _ register: RegisterValue, time: Timestamp, received: Timestamp, _ profile: Profile
    ) {
        var gone = RegisterState(
            value: register, time: time, received: received, isSentByMeter: false,
            alias: profile.register(register.obis)?.alias)
        gone.notePublished(PackedTime(received))
        gone.isRestored = true
        retired.append(gone)
    }

    /// Restores how far the netting was known; `info` has the result, and may come before or after.
    private mutating func restoreNetting(_ evidence: JSONValue?) {
        guard let evidence else { return }
        let kind = instrument.netting.kind
        instrument.netting = Netting(
            seen: evidence["seen"]?.count ?? 0, withoutExport: evidence["without_export"]?.count ?? 0,
            repeated: evidence["repeated"]?.text.flatMap { Netting.Side(rawValue: $0) })
        instrument.netting.restore(kind)
    }

    /// A held counter stays held, with its count of messages.
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

    /// A pace as `StateEncoder` writes it: an absent member is as usual.
    private static func pace(_ member: JSONValue, usual: Pace) -> Pace {
        Pace(
            received: member["received"]?.instant ?? usual.received,
            interval: member["interval"].map(\.interval) ?? usual.interval,
            isDelayed: member["delayed"].map { $0.boolean == true } ?? usual.isDelayed)
    }
}

extension Totals {
    /// Restores what was not certain.
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

// MARK: - Described

extension MessageSchemas {
    var state: JSONTree {
        object(
            "The newest value of every register, and the same flat by alias.",
            required: ["schema", "meter", "time", "time_source", "received", "registers", "values"],
            [
                ("schema", reference("schema")), ("meter", reference("meter")), ("name", text),
                ("time", reference("time")), ("time_source", clock), ("received", reference("time")),
                (
                    "clock",
                    [
                        "allOf": [reference("time")],
                        "description": "Where the time is the bridge's: what the newest telegram's own clock said.",
                    ]
                ),
                (
                    "interval",
                    [
                        "description": "Usual seconds between two values, of registers that have none of their own.",
                        "type": "number",
                    ]
                ),
                ("delayed", ["description": "The newest reading waited on its way.", "const": true]),
                (
                    "collision",
                    object(
                        "Why two meters may send under this id.", required: ["values", "changes", "steady"],
                        [
                            ("values", ["type": "array", "items": ["type": "number"], "maxItems": 2]),
                            ("changes", ["type": "integer"]), ("steady", ["type": "integer"]),
                        ])
                ),
                (
                    "reread",
                    [
                        "description":
                            "Fields that a changed configuration reads in another way: their next values are not judged by these.",
                        "type": "array", "items": text,
                    ]
                ),
                (
                    "netting",
                    object(
                        "How far it is known whether the meter nets its phases.", required: ["seen", "without_export"],
                        [
                            ("seen", ["type": "integer"]), ("without_export", ["type": "integer"]),
                            ("repeated", ["enum": ["import", "export"]]),
                        ])
                ),
                (
                    "totals",
                    object(
                        "What totals are made of, while that is not certain: tariffs of an energy, phases of the power.",
                        required: [],
                        [
                            ("import", openParts), ("export", openParts), ("phases", openParts),
                            ("without_phase_export", ["type": "integer"]),
                        ])
                ),
                ("demand", demand),
                (
                    "sender",
                    object(
                        "What the bridge has to know after a restart of an encrypted meter's frames, to tell replays.",
                        required: ["name", "memory"],
                        [("name", ["type": "string"]), ("memory", ["type": "string", "maxLength": 10_000])])
                ),
                ("registers", reference("registers_of_state")), ("values", reference("values")),
            ])
    }

    var openParts: JSONTree {
        object(
            "late: parts that came when the total was known. steady: whole readings with every part so far.",
            required: ["parts", "steady"], [("parts", numbers), ("late", numbers), ("steady", ["type": "integer"])])
    }

    var held: JSONTree {
        object(
            "A newer value that is not believed.", required: ["rule", "value", "time", "since", "messages"],
            [
                ("rule", text), ("value", ["type": "number"]), ("unit", text), ("time", reference("time")),
                ("since", reference("time")), ("messages", ["type": "integer"]),
            ])
    }
}
