// SPDX-License-Identifier: Apache-2.0

/// Checks that a client follows the protocol in one connection: MQTT 5.0, and 3.1.1 where it has the same rules. The
/// numbers are those of the statements in MQTT 5.0.
struct ProtocolWatch {
    private(set) var isV5 = false
    /// True once CONNACK was received.
    private(set) var hasConnack = false
    /// The client's violations of MQTT since they were last taken.
    private var violations: [String] = []
    private var isRefused = false
    private var hasConnect = false
    /// True when the connection does not begin with CONNECT: the client probes the protocol of the port, for example
    /// TLS.
    private(set) var isQuestion = false
    private var isOver = false
    /// Ids of the client's publications without an answer.
    private(set) var open: Set<Int> = []
    /// Ids of its subscriptions without an answer.
    private var asked: Set<Int> = []
    private var receiveMaximum = 65_535
    /// False while a broker acknowledges twice, or acknowledges unknown ids: each PUBACK allows one more publication,
    /// whatever its id (4.9), and libmosquitto then exceeds the broker's limit.
    var judgesQuota = true
    private var maximumQoS = 2
    private var maximumPacket = Int.max
    /// Ids of the broker's publications in the order of arrival.
    private var delivered: [Int] = []

    mutating func takeViolations() -> [String] {
        defer { violations = [] }
        return violations
    }

    /// Notes a packet of the broker that the client will receive.
    mutating func came(_ packet: FakePacket) {
        switch packet.type {
        case 0x20:
            hasConnack = true
            isRefused = packet.body.count > 1 && packet.body[1] != 0
            if isV5 { noteLimits(packet.body) }
        case 0x30 where packet.flags & 6 != 0: delivered.append(packet.number(at: 2 + packet.number(at: 0)))
        case 0x40: answered(packet.number(at: 0))
        case 0x90, 0xB0: asked.remove(packet.number(at: 0))
        default: break
        }
    }

    /// Notes an answer to a client's publication, possibly not from a broker.
    mutating func answered(_ id: Int) { open.remove(id) }

    /// Checks a packet of the client.
    mutating func sent(_ packet: FakePacket) {
        if !hasConnect, !packet.isConnect { isQuestion = true }
        if isQuestion { return }
        if isOver { violations.append("a packet of type \(packet.type >> 4) behind DISCONNECT (3.14.4-1)") }
        if isRefused { violations.append("a packet of type \(packet.type >> 4) behind a refusal (3.2.2-7)") }
        switch packet.type {
        case 0x10:
            if hasConnect { violations.append("a second CONNECT (3.1.0-2)") }
            hasConnect = true
            isV5 = packet.isV5
        case 0x30: published(packet)
        case 0x40: acknowledged(packet)
        case 0x80, 0xA0:
            if packet.flags != 2 { violations.append("flags \(packet.flags) of a subscription (3.8.1-1)") }
            if !hasConnack { violations.append("a subscription before CONNACK") }
            let id = packet.number(at: 0)
            if id == 0 || open.contains(id) || !asked.insert(id).inserted {
                violations.append("a subscription with the id \(id), which is in use (2.2.1-3)")
            }
        case 0xC0: if !hasConnack { violations.append("PINGREQ before CONNACK") }
        case 0xE0:
            if !hasConnack { violations.append("DISCONNECT before CONNACK") }
            isOver = true
        default: violations.append("a packet of type \(packet.type >> 4), which the bridge does not need")
        }
    }

    private mutating func published(_ packet: FakePacket) {
        if !hasConnack { violations.append("PUBLISH before CONNACK") }
        let topic = packet.string(at: 0)
        if topic.isEmpty || topic.contains(where: { "+#\0".contains($0) }) {
            violations.append("PUBLISH on the topic \"\(topic)\" (3.3.2-2)")
        }
        if packet.bytes.count > maximumPacket {
            violations.append("a packet of \(packet.bytes.count) bytes, \(maximumPacket) allowed (3.2.2-15)")
        }
        let qos = Int(packet.flags >> 1 & 3)
        if qos > maximumQoS || qos == 3 { violations.append("PUBLISH with QoS \(qos) (3.2.2-11, 3.3.1-4)") }
        guard qos > 0 else {
            if packet.flags & 8 != 0 { violations.append("QoS 0 sent as a duplicate (3.3.1-2)") }
            return
        }
        let id = packet.number(at: 2 + packet.number(at: 0))
        if id == 0 || asked.contains(id) || !open.insert(id).inserted {
            violations.append("PUBLISH with the id \(id), which is in use (2.2.1-3)")
        }
        if judgesQuota, open.count > receiveMaximum {
            violations.append("\(open.count) publications in flight, \(receiveMaximum) allowed (3.3.4-9)")
        }
    }

    /// Checks that messages are acknowledged in the order of arrival (4.6.0-2), each once.
    private mutating func acknowledged(_ packet: FakePacket) {
        let id = packet.number(at: 0)
        if packet.flags != 0 { violations.append("flags \(packet.flags) of PUBACK (2.1.3-1)") }
        if delivered.first == id {
            delivered.removeFirst()
        } else {
            violations.append("PUBACK \(id) while \(delivered.first.map { "\($0)" } ?? "nothing") is due (4.6.0-2)")
            delivered.removeAll { $0 == id }
        }
    }

    /// Notes the properties of CONNACK (MQTT 5.0, 3.2.2.3) that limit the client.
    private mutating func noteLimits(_ body: [UInt8]) {
        for (property, value) in FakePacket.numbers(ofConnack: body) {
            switch property {
            case 0x21: receiveMaximum = value
            case 0x24: maximumQoS = value
            case 0x27: maximumPacket = value
            default: break
            }
        }
    }
}
