// SPDX-License-Identifier: Apache-2.0
internal import CMosquitto
internal import Glibc

/// A message in the input's session that libmosquitto does not accept, so that no handler ever sees it and nothing acknowledges it:
/// a topic or a property with a control character or with bytes that are not UTF-8, which some brokers let pass.
///
/// It is read, and acknowledged, over a small MQTT connection of our own with the same client id: CONNECT, PUBLISH, PUBACK. Plain
/// TCP only; libmosquitto keeps TLS to itself. Messages before it are left as they are: the broker delivers them again.
struct UnreadablePacket: Sendable, Equatable {
    /// The topic as bytes.
    var topic: [UInt8]
    var payload: [UInt8]
    private var id: [UInt8]

    /// Looks for the first one that waits in the session; nil: there is none among the first thousand messages.
    ///
    /// - Parameter acknowledged: the one to acknowledge when it is found.
    static func find(
        _ settings: RelaySettings, version: ProtocolVersion, acknowledging acknowledged: UnreadablePacket? = nil,
        wakeup: Wakeup
    ) -> BackgroundTask<UnreadablePacket?> {
        BackgroundTask(wakeup: wakeup, orElse: nil) {
            guard settings.input.tls == nil, let connection = PlainConnection(settings.input) else { return nil }
            connection.send(connect(settings, version))
            guard let connack = connection.readPacket(limit: 1000), connack.type == 0x20, connack.body.count >= 2,
                connack.body[1] == 0
            else { return nil }
            for _ in 0..<1000 {
                guard let packet = connection.readPacket(limit: 2 * (settings.payloadLimit + 66 * 1024)) else { break }
                guard packet.type == 0x30, let found = UnreadablePacket(packet, version) else { continue }
                if let acknowledged, acknowledged.topic == found.topic, acknowledged.payload == found.payload {
                    connection.send([0x40, 2] + found.id)
                    // The broker takes in what was sent before it sees the end.
                    connection.send([0xE0, 0])
                    connection.drain()
                }
                return found
            }
            return nil
        }
    }

    /// CONNECT with the session as it is (MQTT 5.0, 3.1).
    private static func connect(_ settings: RelaySettings, _ version: ProtocolVersion) -> [UInt8] {
        let broker = settings.input
        var flags: UInt8 = 0
        if broker.username != nil { flags |= 0x80 }
        if broker.password != nil { flags |= 0x40 }
        var body = text("MQTT") + [version == .v311 ? 4 : 5, flags, 0, 30]
        if version != .v311 {
            body += [5, 0x11] + withUnsafeBytes(of: settings.sessionExpiry.bigEndian, Array.init)
        }
        body += text(settings.inputClientID) + (broker.username.map(text) ?? []) + (broker.password.map(text) ?? [])
        return [0x10] + length(body.count) + body
    }

    private static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8.prefix(65_535))
        return [UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }

    private static func length(_ count: Int) -> [UInt8] {
        var (bytes, rest): ([UInt8], Int) = ([], count)
        repeat {
            bytes.append(UInt8(rest & 127) | (rest > 127 ? 128 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    /// nil: libmosquitto accepts the packet, or it needs no acknowledgement.
    private init?(_ packet: PlainConnection.Packet, _ version: ProtocolVersion) {
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

    /// The properties of PUBLISH (MQTT 5.0, 3.3.2.3): each known, each text valid.
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

/// A blocking TCP connection that reads and writes whole MQTT packets, each within five seconds.
private final class PlainConnection {
    struct Packet {
        var type: UInt8
        var flags: UInt8
        var body: [UInt8]
    }

    private let descriptor: Int32
    private let waitAll = Int32(MSG_WAITALL)

    init?(_ broker: BrokerSettings) {
        var reason: String?
        guard let descriptor = PeerProbe.connect(to: broker, seconds: 5, &reason) else { return nil }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// Waits for the peer's end.
    func drain() {
        shutdown(descriptor, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 4096)
        while recv(descriptor, &rest, rest.count, 0) > 0 {}
    }

    /// nil at the end, after a time-out, and for a packet beyond the limit.
    func readPacket(limit: Int) -> Packet? {
        guard let first = read(1)?.first else { return nil }
        var length = 0
        for shift in stride(from: 0, through: 21, by: 7) {
            guard let byte = read(1)?.first else { return nil }
            length |= Int(byte & 127) << shift
            if byte < 128 { break }
        }
        guard length <= limit, let body = read(length) else { return nil }
        return Packet(type: first & 0xF0, flags: first & 0x0F, body: body)
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &bytes, count, waitAll)
        return received == count ? bytes : nil
    }
}

extension RelayLoop {
    /// A message that libmosquitto refuses ends each connection at the same place. Three of them, and it is taken out of the way.
    func noteUnreadable(_ cause: LossCause, service: Duration?) {
        guard cause == .unreadable else {
            if service != nil { unreadable.losses = 0 }
            return
        }
        unreadable.losses += 1
        unreadable.since = unreadable.losses == 1 ? .now : unreadable.since
        guard unreadable.losses >= 3, unreadable.step == nil else { return }
        unreadable.step = .looking(find(acknowledging: nil))
    }

    private func find(acknowledging packet: UnreadablePacket?) -> BackgroundTask<UnreadablePacket?> {
        UnreadablePacket.find(
            settings, version: input.connection.version, acknowledging: packet, wakeup: wakeup)
    }

    /// The next step, when the last one is through.
    func clearUnreadable(_ now: Instant) {
        guard let step = unreadable.step else { return }
        switch step {
        case .looking(let task):
            guard let result = task.result else { return }
            guard let packet = result else {
                unreadable.step = nil
                return giveUpQueueIfHopeless(now)
            }
            // Published first and acknowledged then: a crash in between does it again.
            take(handler.unreadable(topic: packet.topic, payload: packet.payload))
            unreadable.step = .publishing(packet)
        case .publishing(let packet):
            guard output.owed == 0, output.isReady else { return }
            unreadable.step = .acknowledging(find(acknowledging: packet), packet)
        case .acknowledging(let task, let packet):
            guard let result = task.result else { return }
            unreadable.step = nil
            if result == packet {
                unreadable.losses = 0
                handler.notice(.unreadableTaken(topic: packet.topic))
            }
        case .ending(let task):
            guard let result = task.result else { return }
            unreadable.step = nil
            if result == nil {
                unreadable.losses = 0
                handler.notice(.queueGivenUp(clientID: settings.inputClientID))
            }
        }
    }

    /// What cannot be found cannot be taken out of the way. After ten connections and ten minutes without any that lasted, the
    /// session is given up with all that waits in it: otherwise nothing would ever come again.
    private func giveUpQueueIfHopeless(_ now: Instant) {
        guard unreadable.losses >= 10, let since = unreadable.since, now - since >= settings.refusalPatience else {
            return
        }
        unreadable.step = .ending(
            Succession.visit(settings, clientID: settings.inputClientID, filters: nil, wakeup: wakeup))
    }
}

/// How far the relay is with a message that libmosquitto refuses.
struct UnreadableState {
    enum Step {
        case looking(BackgroundTask<UnreadablePacket?>)
        case publishing(UnreadablePacket)
        case acknowledging(BackgroundTask<UnreadablePacket?>, UnreadablePacket)
        /// The session is ended with all that waits in it.
        case ending(BackgroundTask<MQTTError?>)
    }

    /// Input connections in a row that ended at something unreadable.
    var losses = 0
    var since: ContinuousClock.Instant?
    /// While there is one, the input stays closed.
    var step: Step?
}
