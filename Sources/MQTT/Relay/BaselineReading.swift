// SPDX-License-Identifier: Apache-2.0
/// The state of reading the bridge's own retained messages back, once per process: first with wildcard filters, then by
/// name for the topics that are still missing, because some brokers send no retained messages for wildcards.
struct BaselineReading {
    let plan: RelaySettings.Baseline?
    private(set) var isDone: Bool
    /// The current subscriptions.
    private(set) var filters: [String]
    /// True from the second round on, which subscribes to topics by name.
    private(set) var isByName = false
    /// Retained messages that only arrived after a subscription by name.
    private(set) var countByName = 0
    private var openSubscriptions: Set<Int32> = []
    private var markerID: Int32?
    private var markerPayload: [UInt8] = []
    private(set) var deadline: ContinuousClock.Instant?

    init(_ plan: RelaySettings.Baseline?) {
        self.plan = plan
        isDone = plan == nil
        filters = plan?.filters ?? []
    }

    /// Starts, or starts again on a new connection; the time limit continues.
    mutating func begin(_ plan: RelaySettings.Baseline) {
        openSubscriptions = []
        markerID = nil
        markerPayload = Array("\(UInt64.random(in: .min ... .max))".utf8)
        deadline = deadline ?? .now + plan.timeout
    }

    /// Starts the second round, with a time limit of its own.
    mutating func askByName(_ topics: [String], _ plan: RelaySettings.Baseline) {
        isByName = true
        filters = topics
        deadline = .now + plan.timeout
    }

    mutating func asked(_ id: Int32) { openSubscriptions.insert(id) }

    /// True when this was the last SUBACK: the marker may be sent. It has QoS 1 like the subscriptions; otherwise it
    /// could overtake them.
    mutating func answered(_ id: Int32) -> Bool {
        openSubscriptions.remove(id) != nil && openSubscriptions.isEmpty
    }

    func marker(_ plan: RelaySettings.Baseline) -> MQTTMessage {
        MQTTMessage(topic: plan.markerTopic, payload: markerPayload)
    }

    mutating func sent(markerID id: Int32) { markerID = id }
    func isMarker(_ id: Int32) -> Bool { markerID == id }

    /// Compares the payload, because a broker may have changed the topic.
    func isMarker(_ message: MQTTMessage) -> Bool { !markerPayload.isEmpty && message.payload == markerPayload }

    mutating func restored() { if isByName { countByName += 1 } }
    mutating func finish() { isDone = true }
}
