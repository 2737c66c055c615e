// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// The topics that an earlier run of this bridge left on the broker and that it reads back before its first message.
    public static func baselineFilters(_ topics: Topics) -> [String] {
        [topics.info, topics.state].filter { $0.isEnabled && $0.retain != .never }.map {
            $0.topic(["meter": "+", "tenant": "+"])
        }
    }

    /// Takes in one of the bridge's own retained messages: which device is which meter (`info`), and the newest values
    /// (`state`), so that a restart neither makes a second meter nor forgets registers that come once in an hour.
    ///
    /// - Returns: false for a message that is none of these, or of another major version.
    public mutating func restore(_ message: RawMessage) -> Bool {
        guard let root = try? JSONDocument.parse(message.payload, limits: limitsOfOwnState).root,
            let id = root["meter"]?.text,
            root["schema"]?.text?.hasPrefix("harmonized/1.") == true, MeterID.level(given: id) == id
        else { return false }
        let topics = MeterTopics(meter: id, topics: profile.topics)
        guard message.topic == topics.info || message.topic == topics.state else { return false }
        guard !isForeign(root, id: id, isInfo: message.topic == topics.info) else { return true }
        guard let meter = meterIndex(id, source: nil) else { return false }
        if message.topic == topics.info {
            restoreInfo(root, meter: meter)
        } else {
            restoreState(root, meter: meter, now: message.received)
        }
        if !outputs.isEmpty { outputs.adopt(meters[meter]) }
        return true
    }

    /// The state of a meter with as many registers as it may have, five values each and one below `values`.
    private var limitsOfOwnState: Limits {
        var own = limits
        own.jsonDepth = max(own.jsonDepth, Limits().jsonDepth)
        own.jsonMembers = max(own.jsonMembers, 8 * own.registers + 1000)
        return own
    }

    /// True for a meter whose devices all belong to other processes: with eight of them, seven eighths of what the broker
    /// keeps. Which devices a meter has stands in `info`, which brokers usually send first.
    private mutating func isForeign(_ root: JSONValue, id: String, isInfo: Bool) -> Bool {
        guard settings.partition != .whole else { return false }
        guard isInfo else { return foreignMeters.contains(id) }
        let devices = (root["sources"]?.elements ?? root.elements).compactMap { $0.value["device"]?.text }
        guard !devices.isEmpty, !devices.contains(where: { settings.partition.contains(device: $0) }) else {
            return false
        }
        foreignMeters.insert(id)
        if let index = meterIndices[id] {
            meters[index] = MeterState(id: id, topics: meters[index].topics)
        }
        return true
    }

    /// A week in milliseconds: no meter is slower, and a number beyond it is not one of this bridge's.
    private static let longestInterval: Int64 = 604_800_000

    private mutating func restoreInfo(_ root: JSONValue, meter: Int) {
        let serial = root["serial"]?.text
        meters[meter].serial = serial
        for member in root["sources"]?.elements ?? root.elements {
            guard restored.count < limits.devices * max(1, settings.sources.count),
                let name = member.value["name"]?.text, let device = member.value["device"]?.text,
                let source = settings.sources.firstIndex(where: { $0.name == name })
            else { continue }
            let serials = member.value["serials"]?.elements.compactMap(\.value.text) ?? []
            meters[meter].bind(
                MeterState.Binding(
                    source: name, device: device, adapter: settings.sources[source].adapter.name,
                    topic: member.value["topic"]?.text ?? "", clock: member.value["clock"]?.seconds,
                    isFallback: member.value["fallback"] != nil, serials: serials))
            restored[Router.Device(source: source, name: device)] = RestoredBinding(
                meter: meters[meter].id, serial: serial, clock: member.value["clock"]?.seconds,
                isFallback: member.value["fallback"] != nil,
                serials: serials.isEmpty ? [serial].compactMap(\.self) : serials)
        }
        meters[meter].predecessor = predecessor(root)
        if let interval = root["interval"].flatMap({ milliseconds($0) }) {
            meters[meter].interval = interval
            meters[meter].publishedInterval = interval
        }
        meters[meter].submeters = (root["submeters"]?.elements ?? root.elements).compactMap { member in
            guard let medium = member.value["medium"]?.text.flatMap({ Submeter.Medium(rawValue: $0) }),
                let channel = member.value["channel"]?.decimal.flatMap({ Int($0.description) })
            else { return nil }
            return Submeter(channel: channel, medium: medium, id: member.value["id"]?.text)
        }
        if let scales = root["scales"] {
            var powers: [Quantity: Int] = [:]
            for member in scales.members {
                guard let quantity = Quantity(rawValue: member.key.string), let factor = member.value.decimal,
                    factor.mantissa == 1, (-4...4).contains(factor.exponent), factor.exponent != 0
                else { continue }
                powers[quantity] = factor.exponent
            }
            meters[meter].scales.restore(powers)
        }
        let model = MeterModel(manufacturer: root["manufacturer"]?.text, model: root["model"]?.text)
        if model != MeterModel() { meters[meter].model = model }
        // The broker may deliver `state` first.
        nameRegisters(of: meter)
    }

    private func predecessor(_ root: JSONValue) -> PreviousMeter? {
        guard let member = root["previous"], let since = root["since"]?.instant else { return nil }
        let counters = (member["counters"]?.members ?? root.members).compactMap { counter -> RegisterValue? in
            guard let obis = OBISCode(counter.key.string), let value = counter.value.registerValue else { return nil }
            let unit = counter.value["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            return RegisterValue(obis: obis, value: value, unit: unit, time: counter.value["time"]?.instant)
        }
        return PreviousMeter(
            meter: member["meter"]?.text, serial: member["serial"]?.text, counters: counters, since: since)
    }

    private mutating func restoreState(_ root: JSONValue, meter: Int, now: Timestamp) {
        guard let time = root["time"]?.instant, let received = root["received"]?.instant,
            let clock = root["time_source"]?.text.flatMap({ Telegram.Clock(rawValue: $0) }),
            let registers = root["registers"]
        else { return }
        meters[meter].newest = (time, clock, received)
        meters[meter].heardBefore = received
        meters[meter].primaryReceived = received
        meters[meter].order.newest = clock == .bridge ? root["clock"]?.instant : time
        let usual = pace(root, usual: Pace(received: received))
        // The time without this bridge says nothing about the meter.
        let isAway = now.milliseconds(since: received) >= Silence.limit(usual.interval)
        meters[meter].isPaused = usual.isDelayed || isAway
        for member in registers.members {
            guard let obis = OBISCode(member.key.string), let value = member.value.registerValue else { continue }
            let unit = member.value["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            let own = member.value["time"]?.instant
            let register = RegisterValue(
                obis: obis, value: value, unit: unit, time: own, isDerived: member.value["derived"]?.kind == .boolean)
            let pace = pace(member.value, usual: usual)
            update(register, of: meter, time: own ?? time, received: pace.received)
            if let position = meters[meter].position(of: obis) {
                meters[meter].registers[position].published = RegisterState.Published(at: pace.received)
                meters[meter].registers[position].interval = pace.interval
                meters[meter].registers[position].isPaused = pace.isDelayed || isAway
                meters[meter].registers[position].isRestored = true
                meters[meter].registers[position].isStale = member.value["quality"]?.text == "stale"
            }
            restoreQuality(member.value, of: obis, meter: meter)
        }
        meters[meter].collisions = collisions(root["collision"]) ?? meters[meter].assumedCollisions
    }

    /// A pace as `StateEncoder` writes it: what is absent is as usual.
    private func pace(_ member: JSONValue, usual: Pace) -> Pace {
        Pace(
            received: member["received"]?.instant ?? usual.received,
            interval: member["interval"].map { milliseconds($0) } ?? usual.interval,
            isDelayed: member["delayed"].map { $0.boolean == true } ?? usual.isDelayed)
    }

    /// An interval in seconds as it is published; nil for 0, and for what no meter has.
    private func milliseconds(_ seconds: JSONValue) -> Int64? {
        guard let scaled = seconds.decimal?.scaled(byPowerOfTen: 3), scaled.exponent >= 0,
            let interval = Int64(scaled.description), (1...Self.longestInterval).contains(interval)
        else { return nil }
        return interval
    }

    private func collisions(_ evidence: JSONValue?) -> CollisionWatch? {
        guard let evidence, let values = evidence["values"]?.elements.compactMap(\.value.decimal),
            let changes = evidence["changes"]?.count, let steady = evidence["steady"]?.count
        else { return nil }
        return CollisionWatch(tracks: values, changes: changes, steady: steady)
    }
}

extension Pipeline {
    /// A counter that was held goes on being held, as many messages later as before.
    private mutating func restoreQuality(_ value: JSONValue, of obis: OBISCode, meter: Int) {
        switch value["quality"]?.text.flatMap({ Quality(rawValue: $0) }) {
        case .previous: meters[meter].previous.insert(obis)
        case .held:
            guard let held = value["held"], let rule = held["rule"]?.text.flatMap({ Fix.Rule(rawValue: $0) }),
                let number = held["value"]?.decimal, let time = held["time"]?.instant,
                let since = held["since"]?.instant, let messages = held["messages"]?.count
            else { return }
            let unit = held["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            meters[meter].hold(
                obis,
                HeldCounter(rule: rule, value: number, unit: unit, time: time, since: since, messages: messages))
        case .stale, nil: break
        }
    }
}

extension JSONValue {
    /// A number of seconds as it is published of a clock; nil for more than a year.
    fileprivate var seconds: Int64? {
        decimal.flatMap { Int64($0.description) }.flatMap { (-31_622_400...31_622_400).contains($0) ? $0 : nil }
    }

    /// A number of messages; nil for what none has.
    fileprivate var count: Int? {
        decimal.flatMap { Int($0.description) }.flatMap { (0...1_000_000).contains($0) ? $0 : nil }
    }

    fileprivate var instant: Timestamp? { text.flatMap { RFC3339.instant($0) } }

    fileprivate var registerValue: RegisterValue.Value? {
        if let list = self["list"] {
            return .list(
                list.elements.compactMap { entry in
                    entry.value["value"]?.decimal.map {
                        RegisterValue.Entry(time: entry.value["time"]?.instant, value: $0)
                    }
                })
        }
        if let number = self["value"]?.decimal { return .number(number) }
        return self["value"]?.text.map { .text($0) }
    }
}
