// SPDX-License-Identifier: Apache-2.0

/// Finds the device of a topic, counts the devices, and derives the age of a message from how it arrived.
struct Intake: Sendable {
    /// Index by source and device name.
    private var devices: [Router.Device: Int] = [:]
    /// By source.
    private var deviceCounts: [Int: Int] = [:]
    /// Topics with known recipients: one look-up for a message instead of a match against every filter.
    private(set) var knownTopics: [String: Recipient] = [:]
    private var knownTopicsCost = 0
    private var queue = QueueWatch()
    private var silence: SilentSources

    /// Bytes of the topics that are looked up instead of being matched against every filter: some 150,000 topics.
    private static let knownTopicsLimit = 16 << 20

    /// The recipient of a known topic.
    enum Recipient: Sendable {
        case device(Int)
        case otherPartition
    }

    /// The destination of a topic.
    enum Destination {
        case device(Int)
        /// A device that was never heard.
        case newcomer(Router.Device)
        /// No recipient; counted by kind.
        case nobody(kind: String)
        /// A source that refuses the message.
        case refused(Rejection, source: Int)
    }

    init(_ sources: [Source]) { silence = SilentSources(sources: sources) }

    // MARK: - Topics

    /// The destination of a topic.
    mutating func destination(of topic: String, _ setup: PipelineSetup) -> Destination {
        if let known = knownTopics[topic] { return Destination(known) }
        guard let device = setup.router.device(topic) else { return .nobody(kind: "no-source") }
        // A filter such as `rpi1/#` also matches this bridge's own output when a broker bridge brings it back below a prefix.
        guard !setup.profile.topics.isOutput(topic) else { return .nobody(kind: "own-output") }
        let limit = setup.settings.limits.topicLength
        guard topic.utf8.count <= limit else {
            let detail = "a topic of \(topic.utf8.count) bytes, more than \(limit)"
            return .refused(Rejection(.topicLength, detail), source: device.source)
        }
        guard setup.settings.partition.contains(device: device.name) else {
            remember(topic, .otherPartition)
            return .nobody(kind: Self.otherPartition)
        }
        guard let index = devices[device] else { return .newcomer(device) }
        remember(topic, .device(index))
        return .device(index)
    }

    /// The kind of a message that another process of a partition reads.
    static let otherPartition = "other-partition"

    /// Remembers a topic as long as there is room.
    mutating func remember(_ topic: String, _ recipient: Recipient) {
        // The text, and the overhead of the dictionary.
        let cost = topic.utf8.count + 64
        guard knownTopicsCost + cost <= Self.knownTopicsLimit else { return }
        knownTopicsCost += cost
        knownTopics[topic] = recipient
    }

    /// One topic of each device, always the same one.
    var topicsByDevice: [Int: String] {
        var topics: [Int: String] = [:]
        for (topic, recipient) in knownTopics {
            guard case .device(let index) = recipient, topics[index].map({ topic < $0 }) ?? true else { continue }
            topics[index] = topic
        }
        return topics
    }

    // MARK: - Devices

    /// The index of a device that was heard before.
    func index(of device: Router.Device) -> Int? { devices[device] }

    /// Gives a device an index; false when its source is at its limit of devices.
    mutating func add(_ device: Router.Device, as index: Int, _ limits: Limits) -> Bool {
        guard deviceCounts[device.source, default: 0] < limits.devices else { return false }
        deviceCounts[device.source, default: 0] += 1
        devices[device] = index
        return true
    }

    /// Takes over other sources.
    ///
    /// - Parameters:
    ///   - kept: the devices that are kept, in the order of their new indices.
    ///   - heard: the sources that sent before.
    mutating func adopt(_ kept: [Router.Device], heard: Set<Int>, _ sources: [Source]) {
        devices = Dictionary(kept.enumerated().map { ($1, $0) }) { first, _ in first }
        deviceCounts = Dictionary(kept.map { ($0.source, 1) }, uniquingKeysWith: +)
        knownTopics = [:]
        knownTopicsCost = 0
        silence = SilentSources(sources: sources)
        for source in heard { silence.heard(source) }
    }

    // MARK: - Messages

    /// Notes a message of a source.
    ///
    /// - Returns: true for the last awaited source.
    mutating func heard(_ source: Int) -> Bool { silence.heard(source) }

    /// Notices about the sources that sent nothing, once after the first minute.
    mutating func advance(to now: Timestamp) -> [Notice] { silence.advance(to: now) }

    /// Notes that the input is connected: messages that the broker queued meanwhile come next.
    mutating func connected(at now: Timestamp, isResumed: Bool) { queue.connect(at: now, isResumed: isResumed) }

    /// How a message arrived, and what that tells about its age.
    ///
    /// - Parameters:
    ///   - last: when the last message of its device came, and the last that was not queued anywhere.
    ///   - usual: the usual pause between two readings of its meter; nil while that is not known.
    ///   - heardBefore: when an earlier run of the bridge heard its meter.
    mutating func arrival(
        of message: RawMessage, last: (any: Timestamp, live: Timestamp?), usual: TimeSpan?, heardBefore: Timestamp?
    ) -> Arrival {
        var arrival = Arrival(received: message.received, isRetained: message.isRetained)
        guard !message.isRetained else { return arrival }
        arrival.connected = queue.connected
        var pace: (pause: TimeSpan, usual: TimeSpan?)?
        if let connected = queue.connected, last.any >= connected {
            pace = (message.received - last.any, usual)
        }
        arrival.isQueued = queue.isQueued(at: message.received, pace: pace)
        if arrival.isQueued { arrival.previous = last.live ?? heardBefore }
        return arrival
    }
}

extension Intake.Destination {
    fileprivate init(_ known: Intake.Recipient) {
        switch known {
        case .device(let index): self = .device(index)
        case .otherPartition: self = .nobody(kind: Intake.otherPartition)
        }
    }
}
