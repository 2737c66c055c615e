// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Goes over to other settings in the midst of everything. Meters keep what is known about them, devices that are read as
    /// before keep their decoders with all that is open in them; what a device that is read differently holds back is
    /// published first.
    ///
    /// - Returns: that, and the difference in what the broker keeps: topics that are no longer produced are cleared.
    public mutating func reload(_ new: Settings, at now: Timestamp) -> [Publication] {
        let old = settings
        let routes = routes(to: new)
        var publications: [Publication] = []
        for index in openDevices.sorted() where !routes.keepsDecoder(index) {
            publications += close(index, at: now, isForced: true)
        }
        let before = retainedByTopic()
        adopt(new)
        moveBindings(routes)
        moveDevices(routes)
        identifyAgain(old)
        if old.profile.hash != new.profile.hash { renameTopics() }
        configureMeters(old, routes)
        withdrawMeters()
        if !outputs.isEmpty { for meter in meters where !meter.devices.isEmpty { outputs.adopt(meter) } }
        let after = retainedByTopic()
        for topic in before.keys.sorted() where after[topic] == nil {
            guard let gone = before[topic] else { continue }
            publications.append(Publication(topic: topic, payload: [], qos: gone.qos, isRetained: true))
        }
        for topic in after.keys.sorted() {
            guard let kept = after[topic], !kept.payload.isEmpty, kept.payload != before[topic]?.payload else {
                continue
            }
            publications.append(kept)
        }
        counters.publications += publications.count
        return publications
    }

    /// Takes a message that must not be handled: it is published as a reject.
    public mutating func refuse(_ message: RawMessage, _ rejection: Rejection) -> [Publication] {
        var source: Source?
        defer { counters.count(received: source.flatMap { counters.index(ofSource: $0.name) }) }
        switch destination(of: message.topic) {
        case .device(let index): source = self.source(of: index)
        case .nobody(let kind): if kind == "other-partition" { return [] }
        case .refused(_, let index): source = settings.sources[index]
        }
        let origin = Origin(message, source: source, arrival: Arrival(message))
        let publications = reject(rejection, origin: origin)
        counters.publications += publications.count
        return publications
    }
}

/// Which device of the old settings is which of the new ones, found by the topics that are known of it.
private struct Routes {
    /// By index of the old devices; nil: nobody reads it any more.
    var devices: [(device: Router.Device, keepsDecoder: Bool)?] = []
    /// By old source name and device, for what is remembered of meters.
    var bindings: [MeterState.Binding: MeterState.Binding] = [:]
    var restored: [Router.Device: Router.Device] = [:]
    /// The old source of a new device.
    var origins: [Router.Device: Int] = [:]

    func keepsDecoder(_ index: Int) -> Bool { devices[index]?.keepsDecoder == true }
}

extension Pipeline {
    private func routes(to new: Settings) -> Routes {
        let newRouter = Router(new.sources)
        func moved(_ device: Router.Device, topic: String) -> Router.Device? {
            guard let here = setup.router.device(topic), here.source == device.source,
                let there = newRouter.device(topic),
                new.partition.contains(device: there.name)
            else { return nil }
            // A payload may name devices that the topic does not.
            return here.name == device.name ? there : Router.Device(source: there.source, name: device.name)
        }
        var routes = Routes()
        for meter in meters {
            for binding in meter.devices {
                guard let source = settings.sources.firstIndex(where: { $0.name == binding.source }) else { continue }
                let device = Router.Device(source: source, name: binding.device)
                guard let there = moved(device, topic: binding.topic) else { continue }
                let target = new.sources[there.source]
                routes.restored[device] = there
                // What is known of the device goes with it.
                var next = binding
                (next.source, next.device) = (target.name, there.name)
                (next.adapter, next.reads) = (target.adapter.name, target.reads)
                routes.bindings[binding] = next
                routes.origins[there] = source
            }
        }
        var topics: [Int: String] = [:]
        for (topic, recipient) in knownTopics {
            guard case .device(let index) = recipient, topics[index].map({ topic < $0 }) ?? true else { continue }
            topics[index] = topic
        }
        var taken: Set<Router.Device> = []
        for (index, state) in devices.enumerated() {
            let there = topics[index].flatMap { moved(state.device, topic: $0) } ?? routes.restored[state.device]
            guard let there, taken.insert(there).inserted else {
                routes.devices.append(nil)
                continue
            }
            let (from, to) = (settings.sources[state.device.source], new.sources[there.source])
            let isSame = from.adapter.name == to.adapter.name && from.format == to.format
            routes.devices.append((there, isSame))
        }
        return routes
    }

    private mutating func moveBindings(_ routes: Routes) {
        for index in meters.indices {
            let bindings = meters[index].devices.compactMap { routes.bindings[$0] }
            guard bindings != meters[index].devices else { continue }
            meters[index].devices = bindings
            meters[index].isInfoStale = true
        }
        restored = Dictionary(
            restored.compactMap { device, binding in routes.restored[device].map { ($0, binding) } }
        ) { first, _ in first }
    }

    private mutating func moveDevices(_ routes: Routes) {
        var kept: [DeviceState] = []
        for (index, state) in devices.enumerated() {
            guard let route = routes.devices[index] else { continue }
            var state = state
            state.device = route.device
            if !route.keepsDecoder {
                state.decoder = settings.sources[route.device.source].adapter.makeDecoder()
                state.labels = nil
                state.openOrigin = nil
            }
            kept.append(state)
        }
        replaceDevices(kept)
    }

    /// Where the user changed what a source or an id is called, its devices get the meter they would get today.
    private mutating func identifyAgain(_ old: Settings) {
        let hasTableChanged = old.meters.map(\.identity) != settings.meters.map(\.identity)
        for index in devices.indices {
            guard let identity = devices[index].identity else { continue }
            let source = source(of: index)
            let pinned = old.sources.first { $0.name == source.name }?.meter
            guard hasTableChanged || pinned != source.meter else { continue }
            let device = devices[index].device
            let id = identity.received ?? restored[device]?.serial.map { RawID($0) }
            let bindings = meters[identity.meter].devices
            let own = bindings.first { $0.source == source.name && $0.device == device.name }
            meters[identity.meter].devices.removeAll { $0 == own }
            restored[device] = nil
            devices[index].identity = nil
            let origin = Origin(
                source: source.name, adapter: source.adapter.name, topic: own?.topic ?? "", payload: [],
                arrival: Arrival(received: devices[index].lastArrival))
            _ = bind(Telegram(id: id), device: index, origin: origin)
            guard let meter = devices[index].identity?.meter else { continue }
            if meter == identity.meter {
                // In the order they had: the first is the primary.
                meters[meter].devices = bindings
            } else if meters[meter].registers.isEmpty, meters[identity.meter].devices.isEmpty {
                if let own, let place = meters[meter].devices.firstIndex(where: own.isSameDevice) {
                    meters[meter].devices[place].presence = own.presence
                    meters[meter].devices[place].clock = own.clock
                    meters[meter].devices[place].serials = own.serials
                }
                rename(identity.meter, into: meter)
            }
        }
    }

    private mutating func renameTopics() {
        let derived = Set(profile.derived.map(\.obis))
        for index in meters.indices {
            meters[index].topics = MeterTopics(meter: meters[index].id, topics: profile.topics)
            meters[index].isInfoStale = true
            meters[index].removeRegisters { $0.value.isDerived && !derived.contains($0.value.obis) }
            for position in meters[index].registers.indices { meters[index].registers[position].alias = nil }
            nameRegisters(of: index)
        }
    }

    /// Each meter gets what the settings say about it today; where they make other numbers or times of its messages, nothing is
    /// judged by those of before.
    private mutating func configureMeters(_ old: Settings, _ routes: Routes) {
        let sources = Dictionary(settings.sources.enumerated().map { ($1.name, $0) }) { first, _ in first }
        for meter in meters.indices {
            let zone = meters[meter].zone
            meters[meter].configure(entry(ofMeter: meters[meter].id), settings)
            for binding in meters[meter].devices {
                guard let target = sources[binding.source] else { continue }
                let device = Router.Device(source: target, name: binding.device)
                guard let origin = routes.origins[device] else { continue }
                let (from, to) = (old.sources[origin], settings.sources[target])
                if from.reads != to.reads || from.format != to.format {
                    // What was learned with other factors says nothing about those of today.
                    if from.scale.text != to.scale.text, !to.scale.isAutomatic { meters[meter].forgetScales() }
                    meters[meter].readAnew(profile)
                }
                guard zone ?? from.zone != meters[meter].zone ?? to.zone else { continue }
                meters[meter].readClockAnew()
                restored[device]?.clock = nil
                if let index = deviceIndices[device] { devices[index].clock = ClockWatch() }
            }
        }
    }

    /// A meter that nothing is read of keeps its counters, in case it comes back, and nothing on the broker.
    private mutating func withdrawMeters() {
        for index in meters.indices where meters[index].devices.isEmpty {
            meters[index].forgetPublished()
            meters[index].primaryReceived = nil
        }
    }
}

extension MeterEntry {
    /// Which ids it means, wherever it stands.
    fileprivate var identity: MeterEntry { MeterEntry(id: id, name: nil, rawIDs: rawIDs, place: "") }
}
