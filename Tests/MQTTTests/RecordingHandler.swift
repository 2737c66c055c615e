// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport

/// Copies `in/x` to `out/x` and records what the relay tells it.
struct RecordingHandler: RelayHandler {
    struct Record {
        var events: [RelayEvent] = []
        var handled: [String] = []
        var sizes: [(kept: Int, sent: Int)] = []
        var commands: [String] = []
        var undeliverable: [String] = []
        var unreadable: [[UInt8]] = []
        var status = RelayStatus()
        var restored: [String] = []
        var isBaselineComplete: Bool?
        var flushes = 0
        var advances = 0
    }

    let record: Monitor<Record>
    /// Above 1: that many messages become one result, their payloads joined.
    var groupSize = 1
    var qos = QoS.atLeastOnce
    /// No group is kept either.
    var keepsNothing = false
    var formerClientID: String?
    var formerSubscriptions: [String] { formerClientID == nil ? [] : ["in/#"] }
    private var group: [MQTTMessage] = []

    init(record: Monitor<Record>, groupSize: Int = 1, qos: QoS = .atLeastOnce) {
        self.record = record
        self.groupSize = groupSize
        self.qos = qos
    }

    var timeUntilDeadline: Duration? { nil }
    var hasOpenGroups: Bool { !group.isEmpty }

    mutating func handle(_ message: MQTTMessage) -> [MQTTMessage] {
        record.withLock {
            $0.handled.append(message.text)
            $0.sizes.append((message.payload.count, message.payload.count + message.omitted))
        }
        if keepsNothing { return [] }
        group.append(message)
        return group.count >= groupSize ? close() : []
    }

    mutating func undeliverable(_ message: MQTTMessage, reason: String) -> [MQTTMessage] {
        record.withLock { $0.undeliverable.append("\(message.topic) \(message.text.prefix(20)): \(reason)") }
        return [MQTTMessage(topic: "reject", payload: message.payload)]
    }

    mutating func unreadable(topic: [UInt8], payload: [UInt8]) -> [MQTTMessage] {
        record.withLock { $0.unreadable.append(payload) }
        return [MQTTMessage(topic: "reject", payload: payload)]
    }

    mutating func completedPass(_ status: RelayStatus) { record.withLock { $0.status = status } }

    mutating func command(_ message: MQTTMessage) -> [MQTTMessage] {
        record.withLock { $0.commands.append(message.text) }
        return []
    }

    mutating func advance() -> [MQTTMessage] {
        record.withLock { $0.advances += 1 }
        return []
    }

    mutating func flush() -> [MQTTMessage] {
        record.withLock { $0.flushes += 1 }
        return close()
    }

    mutating func restore(_ message: MQTTMessage) { record.withLock { $0.restored.append(message.text) } }

    mutating func restored(isComplete: Bool) -> [MQTTMessage] {
        record.withLock { $0.isBaselineComplete = isComplete }
        return [MQTTMessage(topic: "out/restored", text: "\(isComplete)")]
    }

    mutating func notice(_ event: RelayEvent) { record.withLock { $0.events.append(event) } }

    private mutating func close() -> [MQTTMessage] {
        defer { group = [] }
        guard let first = group.first else { return [] }
        let text = group.map(\.text).joined(separator: "+")
        return [MQTTMessage(topic: "out/" + first.topic.dropFirst(3), text: text, qos: qos)]
    }
}
