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
            json.member("name", meter.name)
            json.member("time", newest.time)
            json.member("time_source", newest.clock.rawValue)
            json.member("received", newest.received)
            // A restarted bridge has to know what is old also where the newest reading had no time of its own.
            if newest.clock == .bridge, let clock = meter.order.newest { json.member("clock", clock) }
            let pace = meter.pace(newest.received)
            json.pace(pace)
            if let evidence = meter.collisionEvidence {
                json.key("collision")
                json.object { $0.collision(evidence) }
            }
            json.netting(meter.netting)
            json.totals(meter.totals)
            if meter.demandFloor != nil, let demand = meter.demand { json.demand(demand) }
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
            // No copy of the meter, and none of a register that has nothing to say but its number.
            let isSimple = meter.held.isEmpty && meter.previous.isEmpty
            json.beginObject()
            let registers = meter.registers.span
            for index in registers.indices {
                let time = registers[index].time == newest.time ? nil : registers[index].time
                if isSimple, registers[index].value.isPlain, !registers[index].isStale, registers[index].pace == pace {
                    json.plain(registers[index].value.plain, time: time)
                } else {
                    json.beginRegister(registers[index].value, time: time)
                    json.quality(of: registers[index], held: meter.held, previous: meter.previous)
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
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    /// What is to be known about a value that is not simply the newest one.
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

    /// The newest values flat by alias, numbers in one piece: an alias is a word of small letters, digits and `_`, in which nothing
    /// needs an escape.
    fileprivate mutating func aliases(_ registers: UnsafeBufferPointer<RegisterState>) {
        var index = 0
        while index < registers.count {
            let start = index
            var room = 0
            while index < registers.count, registers[index].alias == nil || registers[index].value.number != nil {
                if let alias = registers[index].alias {
                    room += alias.utf8.count + registers[index].value.plain.number.longestText + 4
                }
                index += 1
            }
            if room > 0 {
                words(upTo: room) { cursor, comma in
                    for place in start..<index {
                        guard var alias = registers[place].alias else { continue }
                        if comma { cursor.put(UInt8(ascii: ",")) }
                        comma = true
                        cursor.put(UInt8(ascii: "\""))
                        alias.withUTF8 { cursor.put($0) }
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

    /// The pace of the meter's registers: how often values come decides what is old and how far a counter may rise, so a
    /// restarted bridge has to know it.
    fileprivate mutating func pace(_ pace: Pace) {
        if let interval = pace.interval { self.interval(interval) }
        if pace.isDelayed { member("delayed", true) }
    }

    /// What is different for one register.
    fileprivate mutating func pace(_ pace: Pace, unless usual: Pace) {
        if pace.received != usual.received { member("received", pace.received) }
        if pace.interval != usual.interval { interval(pace.interval ?? 0) }
        if pace.isDelayed != usual.isDelayed { member("delayed", pace.isDelayed) }
    }

    private mutating func interval(_ milliseconds: Int64) {
        key("interval")
        number(ExactDecimal(milliseconds, exponent: -3))
    }

    fileprivate mutating func collision(_ watch: CollisionWatch) {
        key("values")
        array { array in for value in watch.tracks { array.number(value) } }
        key("changes")
        number(watch.changes)
        key("steady")
        number(watch.steady)
    }

    /// How far a meter's netting is known; nothing once `info` says it all.
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

    /// What the totals are made of, as far as it is not certain yet; nothing once `info` says it all.
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

/// What is to be known about a register's value in `state`.
enum Quality: String {
    /// A newer value came that is not believed; this is the last good one.
    case held
    /// The value of the meter that was here before.
    case previous
    /// It was not refreshed for three of its intervals.
    case stale
}
