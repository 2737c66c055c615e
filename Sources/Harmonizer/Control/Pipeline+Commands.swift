// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Does what a person tells the bridge, and answers.
    ///
    /// The answer is the last of the publications: whoever reads it finds the others done. A command that is sent twice, because
    /// its answer was lost, does no harm.
    public mutating func command(_ payload: [UInt8], at now: Timestamp) -> [Publication] {
        let command: Command
        do throws(Command.Malformed) {
            command = try Command(payload)
        } catch {
            return [answer(error.request ?? "", isDone: false, [error.reason])]
        }
        if command.name == .identify {
            return [answer(command.request, isDone: true, ["bridge \(settings.bridge)"])]
        }
        guard let meter = knownMeter(command.meter) else {
            let known = meters.map(\.id)
            let hint = known.isEmpty ? "; none was seen yet" : NearestWord.hint(command.meter, in: known)
            return [answer(command.request, isDone: false, ["no meter \"\(command.meter)\"\(hint)"])]
        }
        let (publications, lines) =
            switch command.name {
            case .accept: accept(meter, at: now)
            case .forget: forget(meter)
            case .identify: ([], [])
            }
        let all = publications + [answer(command.request, isDone: true, lines)]
        counters.publications += all.count
        return all
    }

    /// The topic that `command` listens on; nil when the profile switched it off.
    public static func commandTopic(_ topics: Topics, bridge: String) -> String? {
        topics.command.isEnabled ? topics.command.topic(["bridge": bridge]) : nil
    }

    private func answer(_ request: String, isDone: Bool, _ lines: [String]) -> Publication {
        let rule = profile.topics.answer
        return Publication(
            topic: rule.topic(["bridge": settings.bridge]),
            payload: Answer(request: request, isDone: isDone, lines: lines).payload, qos: rule.qos, isRetained: false)
    }

    private func knownMeter(_ name: String) -> Int? {
        guard let index = meterIndices[name] ?? meterIndices[MeterID.level(given: name)],
            meters[index].newest != nil || !meters[index].devices.isEmpty || !meters[index].held.isEmpty
        else { return nil }
        return index
    }

    /// Believes what is held: it is published as a reading of its own, with what it replaces.
    private mutating func accept(_ meter: Int, at now: Timestamp) -> ([Publication], [String]) {
        let held = meters[meter].held.sorted { $0.key < $1.key }
        let id = meters[meter].id
        guard let newest = held.map(\.value.time).max(), let device = meters[meter].devices.first else {
            return ([], ["meter \(id): nothing is held"])
        }
        var fixes: [Fix] = []
        var lines: [String] = []
        var registers: [RegisterValue] = []
        for (obis, row) in held {
            let baseline = meters[meter].baseline(of: obis)?.value
            fixes.join(Self.confirmed(obis, row.value, from: baseline, by: .accept))
            registers.append(
                RegisterValue(
                    obis: obis, value: .number(row.value), unit: row.unit, time: row.time == newest ? nil : row.time))
            let unit = row.unit.map { " \($0)" } ?? ""
            let former = baseline.map { " instead of \($0)\(unit)" } ?? ""
            lines.append("meter \(id): \(obis) goes on from \(row.value)\(unit)\(former)")
            meters[meter].believe(obis)
        }
        let origin = Origin(
            source: device.source, adapter: device.adapter, topic: device.topic,
            arrival: Arrival(received: now))
        var checksum = Checksum()
        checksum.combine(id.utf8)
        for line in lines { checksum.combine(line.utf8) }
        let reading = Reading(
            meter: id, id: checksum.hex, time: newest, clock: meters[meter].newest?.clock ?? .bridge, order: .current,
            isDelayed: false, received: now, registers: registers, fixes: fixes, origin: origin)
        for fix in fixes { counters.count(fix, source: counters.index(ofSource: device.source)) }
        return (publish(reading, of: meter) + merge(reading, meter: meter), lines)
    }

    /// Clears what the broker keeps of a meter. A reader that still sends for it brings it back, as a new one.
    private mutating func forget(_ meter: Int) -> ([Publication], [String]) {
        let old = meters[meter]
        for index in devices.indices where devices[index].identity?.meter == meter { devices[index].identity = nil }
        restored = restored.filter { $0.value.meter != old.id }
        meters[meter] = makeMeter(old.id)
        let cleared = clearing(old)
        let line = "meter \(old.id): forgotten, \(cleared.count) retained topics cleared"
        return (cleared, [line, "a reader that still sends for it brings it back as a new one"])
    }
}
