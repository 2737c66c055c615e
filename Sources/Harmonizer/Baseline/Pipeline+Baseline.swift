// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// The topics that an earlier run of this bridge left on the broker and that it reads back before its first message.
    public static func baselineFilters(_ topics: Topics) -> [String] {
        [topics.info, topics.state].filter { $0.isEnabled && $0.retain != .never }.map {
            $0.topic(["meter": "+", "tenant": "+"])
        }
    }

    /// The topics on which the retained messages of a meter are, where nothing but its id stands in them.
    public static func baselineTopics(_ topics: Topics, meter: String) -> [String] {
        [topics.info, topics.state].filter { $0.isEnabled && $0.retain != .never }.map { $0.topic(["meter": meter]) }
            .filter { !$0.contains("{") }
    }

    /// Takes in one of the bridge's own retained messages: which device is which meter (`info`), and the newest values
    /// (`state`), so that a restart neither makes a second meter nor forgets registers that come once in an hour.
    ///
    /// Every 1.x of the bridge wrote a form that every other 1.x reads: what an older one did not write is as before the first
    /// message, and words that a newer one added are passed over.
    ///
    /// - Returns: false for a message that is none of these, and for one that cannot be read: damaged, or of another major
    ///   version. Of such a one a diagnostic, the counters and `finishRestoring()` tell.
    @discardableResult
    public mutating func restore(_ message: RawMessage) -> Bool {
        do throws(Rejection) {
            return try readBack(message)
        } catch {
            refuseBaseline(message, error)
            return false
        }
    }

    private mutating func readBack(_ message: RawMessage) throws(Rejection) -> Bool {
        guard !message.payload.isEmpty else { return false }
        let document: JSONDocument
        do throws(Rejection) {
            document = try JSONDocument.parse(message.payload, limits: limitsOfOwnState)
        } catch {
            guard isBaseline(message.topic) else { return false }
            throw Rejection(.invalidState, at: error.position, error.detail)
        }
        if let leniency = document.leniencies.first, isBaseline(message.topic) {
            // This bridge writes none of them, and a number that was cut off is another number.
            throw Rejection(.invalidState, "\(leniency)")
        }
        let root = document.root
        guard let id = root["meter"]?.text, let schema = root["schema"]?.text, MeterID.level(given: id) == id else {
            return false
        }
        let topics = MeterTopics(meter: id, topics: profile.topics)
        guard message.topic == topics.info || message.topic == topics.state else { return false }
        switch SchemaVersion.origin(of: schema, own: profile.schema) {
        case .foreign: return false
        case .otherVersion where foreignMeters.contains(id): return true
        case .otherVersion:
            throw Rejection(
                .otherStateVersion,
                "written as \(schema.prefix(40)), of which a bridge of \(profile.schema) reads nothing")
        case .readable: break
        }
        guard !isForeign(root, id: id, isInfo: message.topic == topics.info) else { return true }
        let head = message.topic == topics.state ? try StateHead(root) : nil
        guard let meter = meterIndex(id, source: nil) else { return false }
        if let head {
            restore(head, meter: meter, now: message.received)
        } else {
            restoreInfo(root, meter: meter)
        }
        if !outputs.isEmpty { outputs.adopt(meters[meter]) }
        return true
    }

    /// The state of a meter with as many registers as it may have, and with several times the members of each that this
    /// version writes.
    private var limitsOfOwnState: Limits {
        var own = limits
        own.payload = max(own.payload, JSONDocument.maximumSize)
        own.jsonDepth = max(own.jsonDepth, Limits().jsonDepth)
        own.jsonMembers = max(own.jsonMembers, 32 * own.registers + 4000)
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
            meters[index] = makeMeter(id)
        }
        return true
    }

    /// A week in milliseconds: no meter is slower, and a number beyond it is not one of this bridge's.
    private static let longestInterval: Int64 = 604_800_000

    private mutating func restoreInfo(_ root: JSONValue, meter: Int) {
        let serial = root["serial"]?.text
        meters[meter].serial = serial
        let translations = root["translations"]?.elements.map(\.value) ?? []
        let zones = translations.compactMap { $0["kind"]?.text == "zone" ? $0["zone"]?.text : nil }
        let factor = translations.first { $0["kind"]?.text == "ct" }?["factor"]?.quotedDecimal ?? ExactDecimal(1)
        if factor != meters[meter].ct { rereadBaseline(of: meter) }
        for member in root["sources"]?.elements ?? root.elements {
            guard restored.count < limits.devices * max(1, settings.sources.count),
                let name = member.value["name"]?.text, let device = member.value["device"]?.text,
                let source = settings.sources.firstIndex(where: { $0.name == name })
            else { continue }
            // Nobody reads it any more: it must not stand in the way of who does.
            if let topic = member.value["topic"]?.text, !topic.isEmpty, setup.router.device(topic) == nil { continue }
            let serials = member.value["serials"]?.elements.compactMap(\.value.text) ?? []
            let today = settings.sources[source]
            let reads = member.value["reads"]?.text
            if reads.map({ $0 != today.reads }) ?? (member.value["adapter"]?.text != today.adapter.name) {
                rereadBaseline(of: meter)
            }
            let zone = meters[meter].zone ?? today.zone
            if !zones.isEmpty, !zones.contains(zone.identifier) {
                meters[meter].isClockReread = true
                meters[meter].order = OrderWatch()
            }
            let clock = meters[meter].isClockReread ? nil : member.value["clock"]?.seconds
            meters[meter].bind(
                MeterState.Binding(
                    source: name, device: device, adapter: settings.sources[source].adapter.name,
                    topic: member.value["topic"]?.text ?? "", reads: today.reads, clock: clock,
                    isFallback: member.value["fallback"]?.boolean == true, serials: serials))
            restored[Router.Device(source: source, name: device)] = RestoredBinding(
                meter: meters[meter].id, serial: serial, clock: clock,
                isFallback: member.value["fallback"]?.boolean == true,
                serials: serials.isEmpty ? [serial].compactMap(\.self) : serials)
        }
        meters[meter].predecessor = predecessor(root)
        if let interval = root["interval"].flatMap({ milliseconds($0) }) {
            meters[meter].interval = interval
            meters[meter].publishedInterval = interval
        }
        meters[meter].submeters = (root["submeters"]?.elements ?? root.elements).compactMap { member in
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
            meters[meter].scales.restore(powers)
        }
        if let kind = root["netting"]?.text.flatMap({ Netting.Kind(rawValue: $0) }) {
            meters[meter].netting.restore(kind)
        }
        let model = MeterModel(manufacturer: root["manufacturer"]?.text, model: root["model"]?.text)
        if model != MeterModel() { meters[meter].model = model }
        // The broker may deliver `state` first.
        nameRegisters(of: meter)
    }

    /// What the broker kept of a meter's counters was read in another way than its next message will be.
    private mutating func rereadBaseline(of meter: Int) {
        meters[meter].isReread = true
        meters[meter].readAnew(profile)
    }

    private func predecessor(_ root: JSONValue) -> PreviousMeter? {
        guard let member = root["previous"], let since = root["since"]?.instant else { return nil }
        let counters = (member["counters"]?.members ?? root.members).compactMap { counter -> RegisterValue? in
            guard let obis = OBISCode(counter.key.string), let value = counter.value.registerValue(isNumber: true)
            else {
                return nil
            }
            let unit = counter.value["unit"]?.text.map { Unit($0) ?? .asReceived($0) }
            return RegisterValue(obis: obis, value: value, unit: unit, time: counter.value["time"]?.instant)
        }
        return PreviousMeter(
            meter: member["meter"]?.text, serial: member["serial"]?.text, counters: counters, since: since)
    }

    private mutating func restore(_ state: StateHead, meter: Int, now: Timestamp) {
        let root = state.root
        meters[meter].newest = (state.time, state.clock, state.received)
        meters[meter].heardBefore = state.received
        meters[meter].primaryReceived = state.received
        let reread = Set((root["reread"]?.elements ?? root.elements).compactMap(\.value.text))
        if !meters[meter].isClockReread, !reread.contains("time") {
            meters[meter].order.newest = state.clock == .bridge ? root["clock"]?.instant : state.time
        }
        let usual = pace(root, usual: Pace(received: state.received))
        // The time without this bridge says nothing about the meter.
        let isAway = now.milliseconds(since: state.received) >= Silence.limit(usual.interval)
        meters[meter].isPaused = usual.isDelayed || isAway
        for member in state.registers.members {
            guard let obis = OBISCode(member.key.string) else { continue }
            let symbol = member.value["unit"]?.text
            let known = symbol.flatMap { Unit($0) }
            let unit = known ?? symbol.map { .asReceived($0) }
            guard let value = member.value.registerValue(isNumber: known != nil) else { continue }
            let own = member.value["time"]?.instant
            let register = RegisterValue(
                obis: obis, value: value, unit: unit, time: own, isDerived: member.value["derived"]?.boolean == true)
            let pace = pace(member.value, usual: usual)
            update(register, of: meter, time: own ?? state.time, received: pace.received)
            if let position = meters[meter].position(of: obis) {
                meters[meter].registers[position].published = RegisterState.Published(at: pace.received)
                meters[meter].registers[position].interval = pace.interval
                meters[meter].registers[position].isPaused = pace.isDelayed || isAway
                meters[meter].registers[position].isRestored = true
                meters[meter].registers[position].isStale = member.value["quality"]?.text == Quality.stale.rawValue
            }
            restoreQuality(member.value, of: obis, meter: meter)
        }
        restoreNetting(root["netting"], meter: meter)
        for code in reread.compactMap({ OBISCode($0) }) where meters[meter].position(of: code) != nil {
            meters[meter].reread.insert(code)
        }
        if meters[meter].isReread {
            meters[meter].readAnew(profile)
        } else {
            meters[meter].collisions = collisions(root["collision"]) ?? meters[meter].assumedCollisions
        }
    }

    /// How far its netting was known; what it is stands in `info`, which may come before or after.
    private mutating func restoreNetting(_ evidence: JSONValue?, meter: Int) {
        guard let evidence else { return }
        let kind = meters[meter].netting.kind
        meters[meter].netting = Netting(
            seen: evidence["seen"]?.count ?? 0, withoutExport: evidence["without_export"]?.count ?? 0,
            repeated: evidence["repeated"]?.text.flatMap { Netting.Side(rawValue: $0) })
        meters[meter].netting.restore(kind)
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
        guard let scaled = seconds.quotedDecimal?.scaled(byPowerOfTen: 3).rounded(toDecimals: 0),
            let interval = Int64(scaled.description), (1...Self.longestInterval).contains(interval)
        else { return nil }
        return interval
    }

    private func collisions(_ evidence: JSONValue?) -> CollisionWatch? {
        guard let evidence, let values = evidence["values"]?.elements.compactMap(\.value.quotedDecimal),
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
                let number = held["value"]?.quotedDecimal, let time = held["time"]?.instant,
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
