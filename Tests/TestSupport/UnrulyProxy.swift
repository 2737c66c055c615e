// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// An MQTT proxy that treats a client like bad brokers, proxies and networks, at random from a seed, and checks that
/// the client follows the rules. Behind it is a real broker, which keeps sessions and messages.
///
/// An MQTT broker may do all of this, except for bytes that are not a packet, which come from elsewhere.
public final class UnrulyProxy: Sendable {
    /// A fault that it injects.
    public enum Deed: String, CaseIterable, Sendable {
        /// The connection ends without a reason.
        case closed
        /// The connection ends in the middle of a packet.
        case cut
        /// DISCONNECT with a reason (MQTT 5), then the connection ends.
        case disconnected
        /// CONNACK with a temporary reason.
        case turnedAway = "turned away"
        /// CONNECT is not answered.
        case ignored
        /// Three bytes that are not a packet, then the connection ends.
        case garbled
        /// Nothing is forwarded for a time.
        case stalled
        /// A PUBACK is late, and everything after it.
        case delayed
        /// A publication is refused for a temporary reason (MQTT 5).
        case postponed
        /// A publication is refused for a permanent reason (MQTT 5).
        case refused
        /// CONNACK allows few publications in flight (MQTT 5).
        case narrowed
    }

    /// The record of the forwarded messages.
    public struct Notes: Sendable {
        /// The client's publications that the broker accepted, by the number that `key` returned.
        public var taken: Set<Int> = []
        /// How often each fault was injected.
        public var deeds: [Deed: Int] = [:]
        /// The client's violations, the first twenty.
        public var violations: [String] = []
        /// Number of the client's connections.
        public var connections = 0
        fileprivate var random: SplitMix64
        fileprivate var behaves = false
        /// When the next fault is due, and from when on a publication may be refused permanently, in seconds.
        fileprivate var due = 0.0
        fileprivate var refusable = 0.0
    }

    /// The port to connect to.
    public let port: Int
    private let listener: FakeSocket
    private let state: Monitor<Notes>

    /// - Parameters:
    ///   - target: the port of the broker.
    ///   - seed: the same seed makes the same choices, in another order when packets arrive in another order.
    ///   - gap: the minimum and maximum of seconds between two faults.
    ///   - key: a number for a publication from its topic and payload; nil: ignored.
    ///   - mayAcknowledge: whether the client may acknowledge the message with this key.
    public init(
        to target: Int, seed: UInt64, gap: ClosedRange<Double>,
        key: @escaping @Sendable (_ topic: String, _ payload: String) -> Int? = { _, _ in nil },
        mayAcknowledge: @escaping @Sendable (Int) -> Bool = { _ in true }
    ) throws {
        (listener, port) = try FakeSocket.listening()
        let state = Monitor(Notes(random: SplitMix64(state: seed)))
        self.state = state
        let conduct = Conduct(gap: gap, key: key, mayAcknowledge: mayAcknowledge, state: state)
        let listener = listener
        _ = TestThread {
            while let client = listener.accept() {
                guard let broker = FakeSocket.connected(to: target) else {
                    client.shutDown()
                    continue
                }
                let session = Session(client: client, broker: broker, conduct)
                _ = TestThread { session.passUp() }
                _ = TestThread { session.passDown() }
            }
        }
    }

    deinit { listener.shutDown() }

    /// The record so far.
    public var notes: Notes { state.value }

    /// Whether the broker accepted a publication of the client with this key.
    public func hasTaken(_ key: Int) -> Bool { state.withLock { $0.taken.contains(key) } }

    /// From now on only forwards and records.
    public func behave() { state.withLock { $0.behaves = true } }

    /// The settings of all connections.
    private struct Conduct: Sendable {
        let gap: ClosedRange<Double>
        let key: @Sendable (String, String) -> Int?
        let mayAcknowledge: @Sendable (Int) -> Bool
        let state: Monitor<Notes>

        /// A random fault when one is due, or when `isDue` is true.
        func choose(_ deeds: [Deed], isDue: Bool = false) -> Deed? {
            let now = Self.now
            return state.withLock { notes in
                guard !notes.behaves, !deeds.isEmpty, isDue || now >= notes.due else { return nil }
                let deed = notes.random.element(of: deeds)
                if deed == .refused {
                    // The dead letter accepts ten of a kind per minute.
                    if now < notes.refusable { return nil }
                    notes.refusable = now + 8
                }
                notes.due = now + gap.lowerBound + (gap.upperBound - gap.lowerBound) * chance(&notes)
                notes.deeds[deed, default: 0] += 1
                return deed
            }
        }

        func chance(_ notes: inout Notes) -> Double {
            Double(notes.random.number(0...999_999 as ClosedRange<UInt64>)) / 1e6
        }
        func chance() -> Double { state.withLock { chance(&$0) } }
        func element<Element>(of elements: [Element]) -> Element { state.withLock { $0.random.element(of: elements) } }
        func note(_ violations: [String]) {
            if !violations.isEmpty {
                state.withLock { $0.violations += violations.prefix(max(0, 20 - $0.violations.count)) }
            }
        }

        private static var now: Double {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
    }

    /// One connection.
    private final class Session: Sendable {
        private struct Local {
            var watch = ProtocolWatch()
            /// The keys of publications without an answer, by id.
            var published: [Int: Int] = [:]
            var delivered: [Int: Int] = [:]
        }

        private let client: FakeSocket
        private let broker: FakeSocket
        private let conduct: Conduct
        private let local = Monitor(Local())

        init(client: FakeSocket, broker: FakeSocket, _ conduct: Conduct) {
            (self.client, self.broker, self.conduct) = (client, broker, conduct)
            conduct.state.withLock { $0.connections += 1 }
        }

        private func key(_ packet: FakePacket, _ local: Local) -> Int? {
            let payload = packet.payload(isV5: local.watch.isV5)
            return conduct.key(packet.string(at: 0), String(decoding: payload, as: UTF8.self))
        }

        private func end() {
            client.shutDown()
            broker.shutDown()
        }

        // MARK: From the client to the broker

        func passUp() {
            while let packet = client.readPacket() {
                note(up: packet)
                guard let deed = conduct.choose(upDeeds(packet)) else {
                    guard broker.send(packet.bytes) else { break }
                    continue
                }
                guard act(deed, on: packet, to: broker) else { break }
            }
            end()
        }

        private func note(up packet: FakePacket) {
            let violations = local.withLock { local in
                local.watch.sent(packet)
                var violations = local.watch.takeViolations()
                if packet.type == 0x30, packet.flags & 6 != 0 {
                    local.published[packet.publicationID] = key(packet, local)
                } else if packet.type == 0x40, let key = local.delivered.removeValue(forKey: packet.number(at: 0)),
                    !conduct.mayAcknowledge(key)
                {
                    violations.append("the message \(key) is acknowledged before what became of it")
                }
                return violations
            }
            conduct.note(violations)
        }

        private func upDeeds(_ packet: FakePacket) -> [Deed] {
            let isV5 = local.value.watch.isV5
            var deeds: [Deed] = [.closed, .cut, .stalled]
            // Everything else would be an answer to CONNECT.
            guard local.value.watch.hasConnack else { return [.closed, .cut] }
            deeds += isV5 ? [.disconnected, .garbled] : [.garbled]
            // A refused dead letter leaves no trace.
            if isV5, packet.type == 0x30, packet.flags & 6 != 0, !packet.string(at: 0).hasSuffix("/reject") {
                deeds += [.postponed, .postponed, .postponed, .refused]
            }
            return deeds
        }

        // MARK: From the broker to the client

        func passDown() {
            while let packet = broker.readPacket() {
                let (packet, deed) = greeting(packet)
                if deed == .ignored {
                    // No other packet may arrive before CONNACK either.
                    while broker.readPacket() != nil {}
                    break
                }
                note(down: packet)
                guard let deed = deed ?? conduct.choose(downDeeds(packet)) else {
                    guard client.send(packet.bytes) else { break }
                    continue
                }
                guard act(deed, on: packet, to: client) else { break }
            }
            end()
        }

        /// The CONNACK for the client.
        private func greeting(_ packet: FakePacket) -> (FakePacket, Deed?) {
            guard packet.type == 0x20 else { return (packet, nil) }
            let isV5 = local.value.watch.isV5
            let chance = conduct.chance()
            if chance < 0.05, conduct.choose([.ignored], isDue: true) != nil { return (packet, .ignored) }
            if chance < 0.15, conduct.choose([.turnedAway], isDue: true) != nil {
                // Server unavailable, busy, quota exceeded, connection rate exceeded.
                let reason = isV5 ? conduct.element(of: [0x88, 0x89, 0x97, 0x9F] as [UInt8]) : 3
                return (FakePacket(type: 0x20, flags: 0, body: isV5 ? [0, reason, 0] : [0, reason]), .turnedAway)
            }
            if chance < 0.4, isV5, conduct.choose([.narrowed], isDue: true) != nil {
                return (packet.narrowed(to: conduct.element(of: [1, 2, 10, 50])), .narrowed)
            }
            return (packet, nil)
        }

        private func note(down packet: FakePacket) {
            local.withLock { local in
                local.watch.came(packet)
                let id = packet.type == 0x30 ? packet.publicationID : packet.number(at: 0)
                if packet.type == 0x30, packet.flags & 6 != 0 {
                    local.delivered[id] = key(packet, local)
                } else if packet.type == 0x40, let key = local.published.removeValue(forKey: id),
                    packet.body.count < 3 || packet.body[2] < 128
                {
                    conduct.state.withLock { _ = $0.taken.insert(key) }
                }
            }
        }

        private func downDeeds(_ packet: FakePacket) -> [Deed] {
            switch packet.type {
            case 0x20: []
            case 0x30: [.closed, .cut, .stalled, .garbled]
            case 0x40: [.closed, .cut, .delayed, .delayed]
            default: [.closed, .cut, .stalled]
            }
        }

        // MARK: Deeds

        /// - Returns: false when the connection ends.
        private func act(_ deed: Deed, on packet: FakePacket, to receiver: FakeSocket) -> Bool {
            switch deed {
            case .closed: return false
            case .cut:
                receiver.send(Array(packet.bytes.prefix(max(1, Int(conduct.chance() * Double(packet.bytes.count))))))
                return false
            case .disconnected:
                // Among these: server busy, shutting down, receive maximum, quota exceeded, administrative action.
                client.send([0xE0, 1, conduct.element(of: [0x80, 0x83, 0x89, 0x8B, 0x93, 0x96, 0x97, 0x98, 0x9C])])
                return false
            case .garbled:
                client.send([0x00, 0xFF, 0xFF])
                return false
            case .ignored, .turnedAway:
                receiver.send(packet.bytes)
                return false
            case .stalled:
                // One in ten is longer than a keep-alive and the acknowledgement time-out.
                usleep(UInt32((conduct.chance() < 0.1 ? 17 : 1.5 * conduct.chance()) * 1e6))
                return receiver.send(packet.bytes)
            case .delayed:
                usleep(UInt32(conduct.chance() * 5e5))
                return receiver.send(packet.bytes)
            case .narrowed: return receiver.send(packet.bytes)
            case .postponed: return refuse(packet, conduct.element(of: [0x80, 0x83, 0x97]))
            case .refused: return refuse(packet, conduct.element(of: [0x87, 0x90, 0x95, 0x99]))
            }
        }

        /// The broker does not receive the publication.
        private func refuse(_ packet: FakePacket, _ reason: UInt8) -> Bool {
            let id = packet.publicationID
            local.withLock {
                $0.watch.answered(id)
                $0.published[id] = nil
            }
            return client.send([0x40, 3, UInt8(id >> 8), UInt8(id & 255), reason])
        }
    }
}
