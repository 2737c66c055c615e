// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A minimal broker that does what a test configures and records every packet in the order it received or sent them.
public final class FakeBroker: Sendable {
    /// One packet.
    public struct Entry: Sendable, Equatable {
        /// The kind of packet and its sender.
        public enum Kind: Sendable, Equatable {
            /// Sent by the client.
            case connect, subscribe, publish, puback, disconnect
            /// Sent by this broker.
            case acknowledged, refusedVersion
        }

        /// The client's id.
        public var client: String
        /// The kind of packet.
        public var kind: Kind
        /// The packet id; for `connect` the protocol level.
        public var id: Int
    }

    /// The answer to a CONNECT with MQTT 5.
    public enum VersionPolicy: Sendable {
        /// Accepts all versions.
        case acceptsAll
        /// Refuses MQTT 5 like a 3.1.1 broker.
        case refusesV5
        /// Closes the connection without an answer.
        case closesOnV5
        /// Keeps the connection open without an answer.
        case ignoresV5
    }

    private struct State {
        var entries: [Entry] = []
        var holdsAcknowledgements = false
        var withheld: [(client: String, id: Int)] = []
        var sockets: [String: FakeSocket] = [:]
        var refusedFilter: String?
        /// The messages in each client's session, delivered together with each CONNACK until they are acknowledged.
        var sessions: [String: [(id: Int, topic: [UInt8], payload: String)]] = [:]
        var flooded: Set<String> = []
        var publications: [Publication] = []
        /// The reason code for a publication, from its topic and count on that topic; below 128 it is accepted.
        var verdict: @Sendable (String, Int) -> UInt8 = { _, _ in 0 }
        /// For a longer payload the broker closes the connection.
        var longestPayload = Int.max
        var maximumQoS: UInt8 = 2
        /// Bytes sent after CONNACK to a client that does not request a clean start.
        var litter: [String: [UInt8]] = [:]
        /// Clients whose connections end directly after CONNACK and their waiting messages.
        var dismissed: Set<String> = []
    }

    /// A publication of a client.
    public struct Publication: Sendable, Equatable {
        /// Its topic.
        public var topic: String
        /// Its payload as text.
        public var payload: String
        /// Its QoS.
        public var qos: Int
        /// Whether the broker accepted it.
        public var isTaken: Bool
    }

    /// The port it listens on.
    public let port: Int
    private let listener: FakeSocket
    private let policy: VersionPolicy
    private let state = Monitor(State())

    /// Listens on a free port.
    public init(policy: VersionPolicy = .acceptsAll) throws {
        self.policy = policy
        (listener, port) = try FakeSocket.listening()
        let (listener, state) = (listener, state)
        _ = TestThread {
            while let socket = listener.accept() {
                _ = TestThread { Self.serve(socket, policy, state) }
            }
        }
    }

    deinit {
        listener.shutDown()
        for socket in state.value.sockets.values { socket.shutDown() }
    }

    /// All packets so far.
    public var entries: [Entry] { state.value.entries }

    /// Waits until the packets satisfy the predicate.
    public func wait(seconds: Double = 15, until predicate: ([Entry]) -> Bool) -> Bool {
        state.wait(seconds: seconds) { predicate($0.entries) }
    }

    /// Stops acknowledging publications.
    public func holdAcknowledgements() { state.withLock { $0.holdsAcknowledgements = true } }

    /// Acknowledges everything withheld, and all later publications.
    public func releaseAcknowledgements() {
        state.withLock { state in
            state.holdsAcknowledgements = false
            for (client, id) in state.withheld { Self.acknowledge(client, id, &state) }
            state.withheld = []
        }
    }

    /// All publications so far, including refused ones.
    public var publications: [Publication] { state.value.publications }

    /// Waits until the publications satisfy the predicate.
    public func wait(seconds: Double = 15, forPublications predicate: ([Publication]) -> Bool) -> Bool {
        state.wait(seconds: seconds) { predicate($0.publications) }
    }

    /// Answers publications with reason codes (MQTT 5), from their topic and the count of publications on it, starting
    /// at 1.
    public func judge(_ verdict: @escaping @Sendable (_ topic: String, _ count: Int) -> UInt8) {
        state.withLock { $0.verdict = verdict }
    }

    /// Closes the connection on each publication with a longer payload.
    public func close(atPayloadsLongerThan length: Int) { state.withLock { $0.longestPayload = length } }

    /// Announces this maximum QoS in each CONNACK (MQTT 5).
    public func limitQoS(to maximum: UInt8) { state.withLock { $0.maximumQoS = maximum } }

    /// Creates a session for the client: from now on CONNACK and the messages in the session arrive in one segment;
    /// messages that the client does not acknowledge are sent again.
    public func keepSession(of client: String, topic: String, payloads: [String]) {
        keepSession(of: client, messages: payloads.map { (Array(topic.utf8), $0) })
    }

    /// The same, also with topics that are not valid.
    public func keepSession(of client: String, messages: [(topic: [UInt8], payload: String)]) {
        state.withLock {
            $0.sessions[client] = messages.enumerated().map { (1 + $0, $1.topic, $1.payload) }
        }
    }

    /// From now on sends bytes, which need not be a packet, after CONNACK, until the client requests a clean start,
    /// which ends its session.
    public func litterSession(of client: String, with bytes: [UInt8]) {
        state.withLock {
            $0.sessions[client] = []
            $0.litter[client] = bytes
        }
    }

    /// From now on the client's connections end after CONNACK and the messages of its session, before it can
    /// acknowledge any; false ends this.
    public func dismiss(_ client: String, _ isDismissed: Bool = true) {
        state.withLock { state in
            if isDismissed { state.dismissed.insert(client) } else { state.dismissed.remove(client) }
        }
    }

    /// Sends the client QoS 0 messages as fast as it accepts them, until the connection is gone; a DISCONNECT does not
    /// end it.
    public func flood(_ client: String, topic: String, payload: String) {
        guard let socket = state.value.sockets[client] else { return }
        state.withLock { _ = $0.flooded.insert(client) }
        _ = TestThread {
            let packet = socket.publication(topic: topic, payload: payload, id: nil)
            let packets = (0..<200).flatMap { _ in packet }
            while socket.send(packets) {}
        }
    }

    /// Refuses subscriptions to this filter with "not authorized" (MQTT 5) or a failure.
    public func refuseSubscriptions(to filter: String) { state.withLock { $0.refusedFilter = filter } }

    /// Sends QoS 1 messages to a client in one segment, so that they arrive together; packet ids start at `firstID`.
    public func send(_ payloads: [String], topic: String, to client: String, firstID: Int = 1) {
        state.withLock { state in
            guard let socket = state.sockets[client] else { return }
            let packets = payloads.enumerated().flatMap { offset, payload in
                socket.publication(topic: topic, payload: payload, id: firstID + offset)
            }
            socket.send(packets)
        }
    }

    /// Sends QoS 1 messages, each with its own topic, in one segment.
    public func sendEach(_ payloads: [String], topics: [String], to client: String, firstID: Int = 1) {
        state.withLock { state in
            guard let socket = state.sockets[client] else { return }
            socket.send(
                zip(topics, payloads).enumerated().flatMap { offset, message in
                    socket.publication(topic: message.0, payload: message.1, id: firstID + offset)
                })
        }
    }

    /// Sends a client bytes, which need not be a packet.
    public func sendBytes(_ bytes: [UInt8], to client: String) {
        state.withLock { _ = $0.sockets[client]?.send(bytes) }
    }

    /// Ends the connection of a client with a reason code (MQTT 5).
    public func disconnect(_ client: String, reason: UInt8) {
        state.withLock { state in
            let socket = state.sockets.removeValue(forKey: client)
            socket?.send([0xE0, 1, reason])
            socket?.shutDown()
        }
    }

    /// Resets the connection of a client, after the data already sent to it.
    public func reset(_ client: String) { state.withLock { $0.sockets.removeValue(forKey: client)?.reset() } }

    private static func acknowledge(_ client: String, _ id: Int, _ state: inout State) {
        state.entries.append(Entry(client: client, kind: .acknowledged, id: id))
        state.sockets[client]?.send([0x40, 2, UInt8(id >> 8), UInt8(id & 255)])
    }

    private static func serve(_ socket: FakeSocket, _ policy: VersionPolicy, _ state: Monitor<State>) {
        guard let hello = socket.readPacket(), hello.isConnect else { return socket.shutDown() }
        let client = hello.clientID
        var isDismissed = false
        state.withLock { state in
            state.entries.append(Entry(client: client, kind: .connect, id: Int(hello.body[6])))
            if hello.isV5, policy == .ignoresV5 {
                state.sockets[client] = socket
            } else if hello.isV5, policy != .acceptsAll {
                state.entries.append(Entry(client: client, kind: .refusedVersion, id: 5))
                if policy == .refusesV5 { socket.send([0x20, 2, 0, 1]) }
                socket.shutDown()
            } else {
                state.sockets[client] = socket
                socket.isV5.withLock { $0 = hello.isV5 }
                if hello.isCleanStart {
                    state.sessions[client] = nil
                    state.litter[client] = nil
                }
                let session = state.sessions[client]
                let isPresent: UInt8 = session == nil ? 0 : 1
                let properties: [UInt8] = state.maximumQoS < 2 ? [2, 0x24, state.maximumQoS] : [0]
                let connack: [UInt8] =
                    hello.isV5
                    ? [0x20, 2 + UInt8(properties.count), isPresent, 0] + properties : [0x20, 2, isPresent, 0]
                let waiting = (session ?? []).flatMap { socket.publication($0.topic, $0.payload, id: $0.id) }
                socket.send(connack + waiting + (state.litter[client] ?? []))
                isDismissed = state.dismissed.contains(client)
            }
        }
        while !isDismissed, let packet = socket.readPacket() {
            state.withLock { answer(packet, from: client, on: socket, &$0) }
        }
        if !state.value.flooded.contains(client) { socket.shutDown() }
    }

    private static func answer(_ packet: FakePacket, from client: String, on socket: FakeSocket, _ state: inout State) {
        switch packet.type {
        case 0x30:
            let isAcknowledged = packet.flags & 0b0110 != 0
            let id = isAcknowledged ? packet.number(at: 2 + packet.number(at: 0)) : 0
            state.entries.append(Entry(client: client, kind: .publish, id: id))
            var start = 2 + packet.number(at: 0) + (isAcknowledged ? 2 : 0)
            if socket.isV5.value { start += 1 }
            let topic = packet.string(at: 0)
            let payload = String(decoding: packet.body.dropFirst(start), as: UTF8.self)
            if payload.utf8.count > state.longestPayload { return socket.shutDown() }
            let reason = state.verdict(topic, 1 + state.publications.count { $0.topic == topic })
            state.publications.append(
                Publication(topic: topic, payload: payload, qos: isAcknowledged ? 1 : 0, isTaken: reason < 128))
            guard isAcknowledged else { return }
            if reason >= 128 {
                socket.send([0x40, 3, UInt8(id >> 8), UInt8(id & 255), reason])
            } else if state.holdsAcknowledgements {
                state.withheld.append((client, id))
            } else {
                acknowledge(client, id, &state)
            }
        case 0x40:
            state.entries.append(Entry(client: client, kind: .puback, id: packet.number(at: 0)))
            state.sessions[client]?.removeAll { $0.id == packet.number(at: 0) }
        case 0x80:
            state.entries.append(Entry(client: client, kind: .subscribe, id: packet.number(at: 0)))
            let (id, isV5) = (Array(packet.body[..<2]), socket.isV5.value)
            let filter = packet.string(at: isV5 ? 3 : 2)
            let code: UInt8 = filter != state.refusedFilter ? 1 : isV5 ? 0x87 : 0x80
            socket.send(isV5 ? [0x90, 4] + id + [0, code] : [0x90, 3] + id + [code])
        case 0xC0: socket.send([0xD0, 0])
        case 0xE0: state.entries.append(Entry(client: client, kind: .disconnect, id: 0))
        default: break
        }
    }
}
