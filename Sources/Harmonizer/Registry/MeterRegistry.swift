// SPDX-License-Identifier: Apache-2.0

/// The meters, and the meter of each device: pinned by the user, by the `meters:` table, by an id in any payload of the
/// device, by the knowledge of an earlier run, or by the device's name.
struct MeterRegistry: Sendable {
    var meters: [MeterState] = []
    private var indices: [String: Int] = [:]
    /// By source.
    private var counts: [Int: Int] = [:]
    /// The number of meters that turned out to be others; their places in `meters` stay.
    private var retired = 0
    /// Meters whose retained messages another process published.
    private(set) var foreign: Set<String> = []
    /// By index of the device.
    var placements: [Placement] = []
    /// Devices under their own name, because no id of their meter came: one of them may be the reader of another
    /// device's meter.
    var unnamed: Set<Int> = []
    /// The memory of decoders about senders, as the meters keep it.
    private(set) var memories: [String: String] = [:]
    /// The bindings of an earlier run.
    private(set) var restored: [Router.Device: RestoredBinding] = [:]

    // MARK: - Meters

    /// The index of a known meter.
    func index(ofMeter id: String) -> Int? { indices[id] }

    /// The index of a meter, created when it is new. Nil at the limit of meters: that of the source that names the new
    /// meter, or (read back from the broker) that of all sources together.
    mutating func meterIndex(_ id: String, source: Int?, _ setup: PipelineSetup) -> Int? {
        if let index = indices[id] { return index }
        let limit = setup.settings.limits.meters
        guard meters.count - retired < limit * max(1, setup.settings.sources.count) else { return nil }
        if let source {
            guard counts[source, default: 0] < limit else { return nil }
            counts[source, default: 0] += 1
        }
        meters.appendTightly(setup.makeMeter(id))
        indices[id] = meters.count - 1
        return meters.count - 1
    }

    /// Leaves a meter to another process that reads it, and forgets what was known of it.
    mutating func leaveToOthers(_ id: String, _ setup: PipelineSetup) {
        foreign.insert(id)
        if let index = indices[id] { meters[index] = setup.makeMeter(id) }
    }

    /// Forgets a meter. A reader that still sends for the meter brings it back as a new one.
    ///
    /// - Returns: the former state of the meter.
    mutating func forget(_ meter: Int, _ setup: PipelineSetup) -> MeterState {
        let old = meters[meter]
        for index in placements.indices where placements[index].identity?.meter == meter {
            placements[index].identity = nil
        }
        restored = restored.filter { $0.value.meter != old.id }
        meters[meter] = setup.makeMeter(old.id)
        return old
    }

    /// Keeps what a decoder remembers of a meter's sender.
    mutating func remember(_ memory: SenderMemory, meter: Int) {
        if let former = meters[meter].memory, former.sender != memory.sender { memories[former.sender] = nil }
        meters[meter].memory = memory
        memories[memory.sender] = memory.text
    }

    /// Forgets what decoders remember of a meter's sender.
    ///
    /// - Returns: the sender; nil when nothing was remembered.
    mutating func forgetSender(ofMeter meter: Int) -> String? {
        guard let sender = meters[meter].memory?.sender else { return nil }
        meters[meter].memory = nil
        memories[sender] = nil
        return sender
    }

    // MARK: - Devices

    /// Adds a device under the next index.
    mutating func add(_ device: Router.Device) {
        placements.appendTightly(Placement(device: device, serials: DeviceSerials(restored[device]?.serials ?? [])))
    }

    /// The meter of a device; nil while it is not known.
    func meter(of device: Int) -> Int? { placements[device].identity?.meter }

    /// The meter of a device, from this run or an earlier one.
    func lastMeter(of device: Int) -> Int? {
        placements[device].identity?.meter ?? restored[placements[device].device].flatMap { indices[$0.meter] }
    }

    /// The tenant of a device; nil where its source has none.
    func tenant(of index: Int, _ setup: PipelineSetup) -> Substring? {
        let device = placements[index].device
        guard setup.settings.sources[device.source].hasTenants else { return nil }
        return device.name.prefix { $0 != "/" }
    }

    /// The sender of a device's messages, as its meter knows senders.
    func sender(_ index: Int, _ setup: PipelineSetup) -> Sender {
        let device = placements[index].device
        return Sender(
            source: setup.settings.sources[device.source].name, device: device.name,
            isFallback: placements[index].identity?.isFallback == true)
    }

    /// Remembers what an earlier run knew about a device.
    mutating func restore(_ device: Router.Device, _ binding: RestoredBinding) { restored[device] = binding }

    /// Takes over the devices that are kept, and the bindings of an earlier run that still apply.
    mutating func adopt(_ kept: [Placement], restored: [Router.Device: RestoredBinding]) {
        self.restored = restored
        placements = kept
        for index in placements.indices {
            // The profile decides what a filler is.
            placements[index].identity?.isPlain = false
        }
        let known = Set(kept.compactMap { placed in placed.identity.map { [placed.device.source, $0.meter] } })
        counts = Dictionary(known.map { ($0[0], 1) }, uniquingKeysWith: +)
        unnamed = Set(kept.indices.filter { kept[$0].identity?.isCertain == false })
    }

    /// Forgets what an earlier run knew of a device's clock, because it is now read in another zone.
    mutating func forgetClock(of device: Router.Device) { restored[device]?.clock = nil }

    /// Forgets what is known of a device, so that its meter is found anew.
    mutating func displace(_ index: Int) {
        restored[placements[index].device] = nil
        placements[index].identity = nil
    }

    // MARK: - Meters that become others

    /// Continues a meter under another id, with everything that is known about it; `configure` comes next.
    mutating func rename(_ old: Int, into new: Int, _ setup: PipelineSetup) {
        let former = meters[old]
        let renamed = meters[new]
        meters[new] = former
        meters[new].rename(to: renamed)
        meters[old] = setup.makeMeter(former.id)
        retired += 1
        for index in placements.indices where placements[index].leaving?.meter == old {
            placements[index].leaving?.meter = new
        }
    }

    /// Moves what is known of a device that was published under its name to the meter of its id, so that one device
    /// stays one meter.
    mutating func retire(_ old: Int, into new: Int, _ setup: PipelineSetup) -> [MeterEvent] {
        guard !placements.contains(where: { $0.identity?.meter == old }) else { return [] }
        let former = meters[old]
        meters[new].complete(with: former, setup.profile)
        meters[old] = setup.makeMeter(former.id)
        retired += 1
        return [.ended(former)]
    }
}

extension PipelineSetup {
    /// A meter of which only the configuration is known.
    func makeMeter(_ id: String) -> MeterState {
        var meter = MeterState(id: id, topics: MeterTopics(meter: id, topics: profile.topics))
        meter.configure(entry(ofMeter: id), limits, profile)
        return meter
    }

    /// What `meters:` says about a meter.
    func entry(ofMeter id: String) -> MeterEntry? {
        meterTable.entry(level: id) ?? meterTable.entry(level: Tenant.local(id))
    }
}
