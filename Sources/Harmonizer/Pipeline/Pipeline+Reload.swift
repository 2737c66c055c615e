// SPDX-License-Identifier: Apache-2.0

extension Pipeline {
    /// Applies new settings while running. Meters keep what is known about them, and devices that are read as before
    /// keep their decoders with everything open in them; what a device that is read differently holds back is published
    /// first.
    ///
    /// - Returns: those publications, and the difference in retained messages: topics that are no longer produced are
    ///   cleared.
    public mutating func reload(_ new: Settings, at now: Timestamp) -> [Publication] {
        let old = setup.settings
        let routes = Routes(from: self, to: new)
        var publications: [Publication] = []
        for index in readers.open.sorted() where !routes.keepsDecoder(index) {
            publications += close(index, at: now, isForced: true)
        }
        let before = delivery.retainedByTopic(registry.meters, setup)
        setup = PipelineSetup(new)
        steps = Steps(setup)
        delivery.adopt(new.outputs)
        journal.counters.follow(new.sources.map(\.name))
        moveDevices(routes)
        identifyAgain(old)
        if old.profile.hash != new.profile.hash {
            for index in registry.meters.indices { registry.meters[index].rename(by: new.profile) }
        }
        configureMeters(old, routes)
        for index in registry.meters.indices { registry.meters[index].withdrawIfUnread() }
        for meter in registry.meters where !meter.devices.isEmpty { delivery.adopt(meter) }
        let after = delivery.retainedByTopic(registry.meters, setup)
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
        return count(publications)
    }

    /// Moves the devices, and what is remembered of them, to their new names.
    private mutating func moveDevices(_ routes: Routes) {
        for index in registry.meters.indices {
            let bindings = registry.meters[index].devices.compactMap { routes.bindings[$0] }
            guard bindings != registry.meters[index].devices else { continue }
            registry.meters[index].devices = bindings
            registry.meters[index].isInfoStale = true
        }
        var keptReaders: [Reader] = []
        var keptPlacements: [Placement] = []
        for (index, route) in routes.devices.enumerated() {
            guard let route else { continue }
            var (reader, placement) = (readers[index], registry.placements[index])
            reader.device = route.device
            placement.device = route.device
            if !route.keepsDecoder {
                reader.change(to: setup.settings.sources[route.device.source].adapter.makeDecoder())
            }
            keptReaders.append(reader)
            keptPlacements.append(placement)
        }
        let restored = Dictionary(
            registry.restored.compactMap { device, binding in routes.restored[device].map { ($0, binding) } }
        ) { first, _ in first }
        readers.adopt(keptReaders)
        registry.adopt(keptPlacements, restored: restored)
        let heard = keptReaders.filter { $0.last.any.seconds > 0 }.map(\.device.source)
        intake.adopt(keptReaders.map(\.device), heard: Set(heard), setup.settings.sources)
    }

    /// Where the user changed the meter of a source, or the table of meters, devices get the meter that they would get
    /// today.
    private mutating func identifyAgain(_ old: Settings) {
        let hasTableChanged = old.meters.map(\.identity) != settings.meters.map(\.identity)
        for index in readers.all.indices {
            guard let identity = registry.placements[index].identity else { continue }
            let device = readers[index].device
            let source = settings.sources[device.source]
            let pinned = old.sources.first { $0.name == source.name }?.meter
            guard hasTableChanged || pinned != source.meter else { continue }
            let id = identity.received ?? registry.restored[device]?.serial.map { RawID($0) }
            let bindings = registry.meters[identity.meter].devices
            let own = bindings.first { $0.source == source.name && $0.device == device.name }
            registry.meters[identity.meter].devices.removeAll { $0 == own }
            registry.displace(index)
            let origin = Origin(
                source: source.name, adapter: source.adapter.name, topic: own?.topic ?? "", payload: [],
                arrival: Arrival(received: readers[index].last.any))
            _ = registry.bind(Telegram(id: id), device: index, origin: origin, setup, &journal)
            guard let meter = registry.meter(of: index) else { continue }
            if meter == identity.meter {
                // In the order they had: the first is the primary.
                registry.meters[meter].devices = bindings
            } else if registry.meters[meter].registers.isEmpty, registry.meters[identity.meter].devices.isEmpty {
                if let own, let place = registry.meters[meter].devices.firstIndex(where: own.isSameDevice) {
                    registry.meters[meter].devices[place].presence = own.presence
                    registry.meters[meter].devices[place].clock = own.clock
                    registry.meters[meter].devices[place].serials = own.serials
                }
                registry.rename(identity.meter, into: meter, setup)
            }
        }
    }

    /// Gives each meter its settings of today; where these turn its messages into other numbers or times, new values
    /// are not judged by the earlier ones.
    private mutating func configureMeters(_ old: Settings, _ routes: Routes) {
        let sources = Dictionary(settings.sources.enumerated().map { ($1.name, $0) }) { first, _ in first }
        for meter in registry.meters.indices {
            let zone = registry.meters[meter].settings.zone
            let entry = setup.entry(ofMeter: registry.meters[meter].id)
            registry.meters[meter].configure(entry, setup.limits, setup.profile)
            for binding in registry.meters[meter].devices {
                guard let target = sources[binding.source] else { continue }
                let device = Router.Device(source: target, name: binding.device)
                guard let origin = routes.origins[device] else { continue }
                let (from, to) = (old.sources[origin], settings.sources[target])
                let isAlike = to.readsAlike(from.reads, guessed: registry.meters[meter].guessedLabels)
                if !isAlike || (from.reads == to.reads && from.format != to.format) {
                    // What was learned with other factors says nothing about those of today.
                    if from.scale.text != to.scale.text, !to.scale.isAutomatic {
                        registry.meters[meter].forgetScales()
                    }
                    registry.meters[meter].readAnew(setup.profile)
                }
                guard zone ?? from.zone != registry.meters[meter].settings.zone ?? to.zone else { continue }
                registry.meters[meter].readClockAnew()
                registry.forgetClock(of: device)
                if let index = intake.index(of: device) { readers[index].clock = ClockWatch() }
            }
        }
    }
}

/// Maps devices of the old settings to those of the new ones, by their known topics.
private struct Routes {
    /// By index of the old devices; nil: no source reads the device any more.
    private(set) var devices: [(device: Router.Device, keepsDecoder: Bool)?] = []
    /// Bindings of meters, old to new.
    private(set) var bindings: [MeterState.Binding: MeterState.Binding] = [:]
    private(set) var restored: [Router.Device: Router.Device] = [:]
    /// The old source of a new device.
    private(set) var origins: [Router.Device: Int] = [:]

    func keepsDecoder(_ index: Int) -> Bool { devices[index]?.keepsDecoder == true }

    init(from pipeline: Pipeline, to new: Pipeline.Settings) {
        let (setup, newRouter) = (pipeline.setup, Router(new.sources))
        func moved(_ device: Router.Device, topic: String) -> Router.Device? {
            guard let here = setup.router.device(topic), here.source == device.source,
                let there = newRouter.device(topic),
                new.partition.contains(device: there.name)
            else { return nil }
            // A payload may name devices that the topic does not.
            return here.name == device.name ? there : Router.Device(source: there.source, name: device.name)
        }
        for binding in pipeline.registry.meters.lazy.flatMap(\.devices) {
            guard let source = setup.settings.sources.firstIndex(where: { $0.name == binding.source }) else { continue }
            let device = Router.Device(source: source, name: binding.device)
            guard let there = moved(device, topic: binding.topic) else { continue }
            let target = new.sources[there.source]
            restored[device] = there
            // What is known of the device goes with it.
            var next = binding
            (next.source, next.device) = (target.name, there.name)
            (next.adapter, next.reads) = (target.adapter.name, target.reads)
            bindings[binding] = next
            origins[there] = source
        }
        let topics = pipeline.intake.topicsByDevice
        var taken: Set<Router.Device> = []
        for (index, reader) in pipeline.readers.all.enumerated() {
            let there = topics[index].flatMap { moved(reader.device, topic: $0) } ?? restored[reader.device]
            guard let there, taken.insert(there).inserted else {
                devices.append(nil)
                continue
            }
            let (from, to) = (setup.settings.sources[reader.device.source], new.sources[there.source])
            devices.append((there, from.adapter.name == to.adapter.name && from.format == to.format))
        }
    }
}

extension MeterState {
    /// A meter that no source reads keeps its counters, in case it comes back, but nothing on the broker.
    fileprivate mutating func withdrawIfUnread() {
        guard devices.isEmpty else { return }
        forgetPublished()
        primaryReceived = nil
    }
}

extension MeterEntry {
    /// The ids of the entry alone, to compare entries whatever their name and place.
    fileprivate var identity: MeterEntry { MeterEntry(id: id, name: nil, rawIDs: rawIDs, place: "") }
}
