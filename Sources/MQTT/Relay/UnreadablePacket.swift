// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto

/// A message in the input's session that libmosquitto rejects, so that no handler ever sees it and nothing acknowledges
/// it: a topic or a property with a control character or with bytes that are not UTF-8, which some brokers let pass.
///
/// It is read as bytes and acknowledged over a connection with the same client id that does nothing else: CONNECT,
/// PUBLISH, PUBACK. Messages before it stay unacknowledged: the broker delivers them again.
struct UnreadablePacket: Sendable, Equatable {
    /// The topic as bytes.
    var topic: [UInt8]
    var payload: [UInt8]
    private var id: [UInt8]

    /// Finds the first such message in the session; nil: none among the first thousand messages.
    ///
    /// - Parameter acknowledged: the message to acknowledge when it is found.
    static func find(
        _ settings: RelaySettings, version: ProtocolVersion, acknowledging acknowledged: UnreadablePacket? = nil,
        wakeup: Wakeup
    ) -> BackgroundTask<UnreadablePacket?> {
        BackgroundTask(wakeup: wakeup, orElse: nil) {
            let plan = LinkPlan(session: settings)
            guard let connection = RawConnection(plan, version: version),
                let connack = connection.readPacket(limit: 1000), connack.type == 0x20, connack.body.count >= 2,
                connack.body[1] == 0
            else { return nil }
            for _ in 0..<1000 {
                guard let packet = connection.readPacket(limit: 2 * Int(plan.maximumPacketSize)) else { break }
                guard packet.type == 0x30, let found = UnreadablePacket(packet, version) else { continue }
                if let acknowledged, acknowledged.topic == found.topic, acknowledged.payload == found.payload {
                    connection.send([0x40, 2] + found.id)
                    connection.end()
                }
                return found
            }
            return nil
        }
    }

    /// nil when libmosquitto accepts the packet, or when it needs no acknowledgement.
    private init?(_ packet: RawConnection.Packet, _ version: ProtocolVersion) {
        var rest = packet.body[...]
        guard packet.flags & 0b0110 == 0b0010, let topic = Self.takeField(&rest), rest.count >= 2 else { return nil }
        id = Array(rest.prefix(2))
        rest = rest.dropFirst(2)
        var isReadable = Self.isText(topic) && Self.isTopic(topic)
        if version != .v311 {
            guard let size = Self.takeNumber(&rest), size <= rest.count else { return nil }
            isReadable = isReadable && Self.areReadable(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        if isReadable { return nil }
        self.topic = Array(topic)
        payload = Array(rest)
    }

    private static func takeField(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard bytes.count >= 2 else { return nil }
        let count = Int(bytes[bytes.startIndex]) << 8 | Int(bytes[bytes.startIndex + 1])
        guard bytes.count >= 2 + count else { return nil }
        defer { bytes = bytes.dropFirst(2 + count) }
        return bytes.dropFirst(2).prefix(count)
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        var number = 0
        for shift in stride(from: 0, through: 21, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            number |= Int(byte & 127) << shift
            if byte < 128 { return number }
        }
        return nil
    }

    private static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes {
            mosquitto_validate_utf8($0.bindMemory(to: CChar.self).baseAddress, Int32($0.count))
                == MOSQ_ERR_SUCCESS.rawValue
        }
    }

    private static func isTopic(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes {
            mosquitto_pub_topic_check2($0.bindMemory(to: CChar.self).baseAddress, $0.count)
                == MOSQ_ERR_SUCCESS.rawValue
        }
    }

    /// True when all properties of PUBLISH (MQTT 5.0, 3.3.2.3) are known and their texts valid.
    private static func areReadable(_ properties: ArraySlice<UInt8>) -> Bool {
        var rest = properties
        while let property = rest.popFirst() {
            switch property {
            case 0x01: rest = rest.dropFirst(1)
            case 0x02: rest = rest.dropFirst(4)
            case 0x23: rest = rest.dropFirst(2)
            case 0x0B: guard takeNumber(&rest) != nil else { return false }
            case 0x09: guard takeField(&rest) != nil else { return false }
            case 0x03, 0x08: guard let text = takeField(&rest), isText(text) else { return false }
            case 0x26:
                guard let name = takeField(&rest), let value = takeField(&rest), isText(name), isText(value) else {
                    return false
                }
            default: return false
            }
        }
        return true
    }
}
