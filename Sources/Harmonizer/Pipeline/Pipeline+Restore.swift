// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Filters for the retained messages of an earlier run, which the bridge reads back before its first message.
    public static func baselineFilters(_ topics: Topics) -> [String] {
        [topics.info, topics.state].filter(\.isKept).map { $0.topic(["meter": "+", "tenant": "+"]) }
    }

    /// The topics of a meter's retained messages, where they contain no placeholder but the meter's id.
    public static func baselineTopics(_ topics: Topics, meter: String) -> [String] {
        [topics.info, topics.state].filter(\.isKept).map { $0.topic(["meter": meter]) }.filter { !$0.contains("{") }
    }

    /// Reads back one of the bridge's own retained messages: which device is which meter (`info`), and the newest
    /// values (`state`), so that a restart neither creates a second meter nor forgets registers that come once an hour.
    ///
    /// Every 1.x of the bridge reads the form of every other 1.x: what an older version did not write is as before the
    /// first message, and words that a newer version added are ignored.
    ///
    /// - Returns: false for any other message, and for one that cannot be read: damaged, or of another major version. A
    ///   message that cannot be read is reported by a diagnostic, the counters and `finishRestoring()`.
    @discardableResult
    public mutating func restore(_ message: RawMessage) -> Bool {
        do throws(Rejection) {
            return try readBack(message)
        } catch {
            deadLetter.takeBaseline(message, error, setup, &journal)
            return false
        }
    }

    /// Ends the restoring from retained messages, before the first message of a reader.
    ///
    /// - Returns: the dead letters of the retained messages that could not be read, which the first reading of their
    ///   meters replaces on the broker, and the publications that clear values which are no longer computed.
    public mutating func finishRestoring() -> [Publication] {
        var publications = deadLetter.finishBaselines(&journal)
        for meter in registry.meters.indices where !registry.meters[meter].retired.isEmpty {
            publications += setup.harmonized.clear(
                registry.meters[meter].retired, on: registry.meters[meter].topics)
            registry.meters[meter].retired = []
        }
        return count(publications)
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
            // This bridge writes no such JSON, and a number that was cut off is another number.
            throw Rejection(.invalidState, "\(leniency)")
        }
        let root = document.root
        guard let id = root["meter"]?.text, let schema = root["schema"]?.text, MeterID.level(given: id) == id else {
            return false
        }
        let topics = MeterTopics(meter: id, topics: setup.profile.topics)
        guard message.topic == topics.info || message.topic == topics.state else { return false }
        switch SchemaVersion.origin(of: schema, own: setup.profile.schema) {
        case .foreign: return false
        case .otherVersion where registry.foreign.contains(id): return true
        case .otherVersion:
            throw Rejection(
                .otherStateVersion,
                "written as \(schema.prefix(40)), of which a bridge of \(setup.profile.schema) reads nothing")
        case .readable: break
        }
        guard !isForeign(root, id: id, isInfo: message.topic == topics.info) else { return true }
        let head = message.topic == topics.state ? try StateHead(root) : nil
        guard let meter = registry.meterIndex(id, source: nil, setup) else { return false }
        if let head {
            registry.meters[meter].restore(head, now: message.received, setup.profile)
            if let memory = registry.meters[meter].memory { registry.remember(memory, meter: meter) }
        } else {
            restoreSources(root, meter: meter)
            registry.meters[meter].restoreInfo(root, setup.profile)
        }
        delivery.adopt(registry.meters[meter])
        return true
    }

    /// Limits for the state of a meter with the maximum of registers, each with several times the members that this
    /// version writes.
    private var limitsOfOwnState: Limits {
        var own = setup.limits
        own.payload = max(own.payload, JSONDocument.maximumSize)
        own.jsonDepth = max(own.jsonDepth, Limits().jsonDepth)
        own.jsonMembers = max(own.jsonMembers, 32 * own.registers + 4000)
        return own
    }

    /// True for the topic of some meter's `info` or `state`.
    private func isBaseline(_ topic: String) -> Bool {
        let topics = setup.profile.topics
        return [topics.info, topics.state].contains { $0.isEnabled && $0.pattern?.captures(topic) != nil }
    }

    /// True for a meter whose devices all belong to other processes: with eight processes, seven eighths of the
    /// retained messages. `info` names the devices of a meter; brokers usually send it first.
    private mutating func isForeign(_ root: JSONValue, id: String, isInfo: Bool) -> Bool {
        let partition = setup.settings.partition
        guard partition != .whole else { return false }
        guard isInfo else { return registry.foreign.contains(id) }
        let devices = (root["sources"]?.elements ?? root.elements).compactMap { $0.value["device"]?.text }
        guard !devices.isEmpty, !devices.contains(where: { partition.contains(device: $0) }) else { return false }
        registry.leaveToOthers(id, setup)
        return true
    }

    /// Restores the devices that sent for a meter, as far as a source reads them today.
    private mutating func restoreSources(_ root: JSONValue, meter: Int) {
        let serial = root["serial"]?.text
        let translations = root["translations"]?.elements.map(\.value) ?? []
        let zones = translations.compactMap { $0["kind"]?.text == "zone" ? $0["zone"]?.text : nil }
        let guessed = translations.first { $0["kind"]?.text == "labels" && $0["guessed"]?.boolean == true }?["labels"]?
            .text
        let factor = translations.first { $0["kind"]?.text == "ct" }?["factor"]?.quotedDecimal ?? ExactDecimal(1)
        if factor != registry.meters[meter].settings.ct { rereadBaseline(of: meter) }
        for member in root["sources"]?.elements ?? root.elements {
            guard registry.restored.count < setup.limits.devices * max(1, settings.sources.count),
                let name = member.value["name"]?.text, let device = member.value["device"]?.text,
                let source = settings.sources.firstIndex(where: { $0.name == name })
            else { continue }
            // No source reads this device any more: it must not displace one that is read.
            if let topic = member.value["topic"]?.text, !topic.isEmpty, setup.router.device(topic) == nil { continue }
            let serials = member.value["serials"]?.elements.compactMap(\.value.text) ?? []
            let today = settings.sources[source]
            let reads = member.value["reads"]?.text
            if reads.map({ !today.readsAlike($0, guessed: guessed) })
                ?? (member.value["adapter"]?.text != today.adapter.name)
            {
                rereadBaseline(of: meter)
            }
            let zone = registry.meters[meter].settings.zone ?? today.zone
            if !zones.isEmpty, !zones.contains(zone.identifier) {
                registry.meters[meter].isClockReread = true
                registry.meters[meter].instrument.order = OrderWatch()
            }
            let clock = registry.meters[meter].isClockReread ? nil : member.value["clock"]?.clockOffset
            let isFallback = member.value["fallback"]?.boolean == true
            registry.meters[meter].bind(
                MeterState.Binding(
                    source: name, device: device, adapter: today.adapter.name,
                    topic: member.value["topic"]?.text ?? "", reads: today.reads, clock: clock,
                    isFallback: isFallback, serials: serials))
            registry.restore(
                Router.Device(source: source, name: device),
                RestoredBinding(
                    meter: registry.meters[meter].id, serial: serial, clock: clock, isFallback: isFallback,
                    serials: serials.isEmpty ? [serial].compactMap(\.self) : serials))
        }
    }

    /// Marks a meter whose retained counters were read in another way than its next message will be.
    private mutating func rereadBaseline(of meter: Int) {
        registry.meters[meter].isReread = true
        registry.meters[meter].readAnew(setup.profile)
    }
}
