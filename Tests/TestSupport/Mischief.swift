// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Behaviour of a broker that is allowed, rude or wrong.
public enum Mischief: String, CaseIterable, Sendable {
    /// Nothing: it only records what was acknowledged.
    case nothing
    /// Each PUBACK is 2 ms late, one after the other.
    case acknowledgesLate
    /// Ten PUBACKs are kept and sent in reverse order.
    case acknowledgesBackwards
    /// Each PUBACK is sent twice.
    case acknowledgesTwice
    /// PUBACKs with unused ids are sent between the others.
    case acknowledgesUnknown
    /// The connection is closed without a reason at each 17th publication of the client.
    case closesAt17
    /// The connection is closed without a reason at each 400th publication.
    case closesAt400
    /// Each twentieth publication is refused with "quota exceeded".
    case refusesSome
    /// DISCONNECT with "server busy" at each hundredth publication.
    case disconnectsBusy
    /// CONNACK allows one unacknowledged publication.
    case narrow
    /// Three bytes that are not a packet at each two hundredth publication, in either direction.
    case garbage
    /// A second of silence at each three hundredth publication.
    case stalls
    /// A random one of the behaviours that MQTT 5 allows, about once in 300 publications.
    case anything
}

/// An MQTT proxy that behaves like a bad broker, and checks that the client follows the rules.
///
/// Behind it is a real broker, which keeps sessions and messages. The client's violations of MQTT 5.0 are recorded.
public final class MischiefProxy: Sendable {
    private struct State {
        var strikes = 0
        var violations: [String] = []
        var publications = 0
        var acknowledged: Set<Int> = []
        var acknowledgedByClient: Set<Int> = []
    }

    /// The port to connect to.
    public let port: Int
    private let listener: FakeSocket
    private let state = Monitor(State())

    /// Forwards packets to a port on the loopback interface.
    ///
    /// - Parameter numbers: the numbers in a payload, which are added to `acknowledged` when the broker acknowledges
    ///   it.
    public init(
        to target: Int, _ mischief: Mischief, numbers: @escaping @Sendable ([UInt8]) -> [Int] = { _ in [] }
    ) throws {
        isWitness = mischief == .nothing
        (listener, port) = try FakeSocket.listening()
        let (listener, state) = (listener, state)
        _ = TestThread {
            while let client = listener.accept() {
                guard let broker = FakeSocket.connected(to: target) else {
                    client.shutDown()
                    continue
                }
                let session = Session(
                    client: client, broker: broker, mischief: mischief, numbers: numbers, state: state)
                _ = TestThread { session.passUp() }
                _ = TestThread { session.passDown() }
            }
        }
    }

    deinit { listener.shutDown() }

    /// True when it only records.
    public let isWitness: Bool

    /// How often it applied its mischief.
    public var strikes: Int { state.value.strikes }
    /// The numbers of the publications that the broker has acknowledged.
    public var acknowledged: Set<Int> { state.value.acknowledged }
    /// The numbers of the messages that a client has acknowledged.
    public var acknowledgedByClient: Set<Int> { state.value.acknowledgedByClient }
    /// The client's violations of MQTT.
    public var violations: [String] { state.value.violations }

    /// One connection.
    private final class Session: Sendable {
        private struct Local {
            var watch = ProtocolWatch()
            var kept: [FakePacket] = []
            var published = 0
            var received = 0
            /// The numbers in publications without an answer.
            var numbers: [Int: [Int]] = [:]
            /// The numbers in the broker's messages that the client has not acknowledged.
            var deliveredNumbers: [Int: [Int]] = [:]
        }

        private let client: FakeSocket
        private let broker: FakeSocket
        private let mischief: Mischief
        private let numbers: @Sendable ([UInt8]) -> [Int]
        private let state: Monitor<State>
        private let local = Monitor(Local())

        init(
            client: FakeSocket, broker: FakeSocket, mischief: Mischief,
            numbers: @escaping @Sendable ([UInt8]) -> [Int], state: Monitor<State>
        ) {
            (self.client, self.broker, self.mischief, self.state) = (client, broker, mischief, state)
            self.numbers = numbers
            local.withLock { $0.watch.judgesQuota = mischief != .acknowledgesTwice && mischief != .acknowledgesUnknown }
        }

        /// From the client to the broker.
        func passUp() {
            while let packet = client.readPacket() {
                check(packet)
                let passage = passage(of: packet)
                if passage == .swallowed { continue }
                guard passage == .passed, broker.send(packet.bytes) else { break }
            }
            end()
        }

        /// From the broker to the client.
        func passDown() {
            while let packet = broker.readPacket() {
                for packet in changed(packet) {
                    local.withLock { note(down: packet, &$0) }
                    guard client.send(packet.bytes) else { break }
                }
            }
            end()
        }

        private func end() {
            client.shutDown()
            broker.shutDown()
        }

        // MARK: Mischief

        /// What happens to a packet of the client.
        private enum Passage {
            case passed, swallowed
            /// The connection ends at this packet.
            case ended
        }

        private func passage(of packet: FakePacket) -> Passage {
            if packet.type == 0x40 { return passage(ofAcknowledgement: packet) }
            guard packet.type == 0x30 else { return .passed }
            let count = state.withLock {
                $0.publications += 1
                return $0.publications
            }
            let (isV5, number) = local.withLock {
                $0.published += 1
                return ($0.watch.isV5, $0.published)
            }
            // Not for the first packets of a connection: some must pass.
            guard number > 5 else { return .passed }
            switch mischief {
            case .closesAt17 where number.isMultiple(of: 17), .closesAt400 where number.isMultiple(of: 400):
                return strike(.ended)
            case .disconnectsBusy where isV5 && number.isMultiple(of: 100): return strike(disconnect(0x89))
            case .garbage where number.isMultiple(of: 200): return strike(garble())
            case .stalls where count.isMultiple(of: 300): return strike(stall())
            case .refusesSome where isV5 && packet.flags & 6 != 0 && count.isMultiple(of: 20):
                return strike(refuse(packet))
            case .anything where Int.random(in: 0..<300) == 0:
                switch Int.random(in: 0..<5) {
                case 0: return strike(.ended)
                case 1 where isV5:
                    return strike(disconnect([0x81, 0x89, 0x8B, 0x93, 0x97, 0x98].randomElement() ?? 0x89))
                case 2: return strike(garble())
                case 3 where isV5 && packet.flags & 6 != 0: return strike(refuse(packet))
                default: return strike(stall())
                }
            default: return .passed
            }
        }

        /// The same for a client that only acknowledges: at each hundredth acknowledgement.
        private func passage(ofAcknowledgement packet: FakePacket) -> Passage {
            let (isV5, number) = local.withLock {
                $0.received += 1
                return ($0.watch.isV5, $0.received)
            }
            guard number.isMultiple(of: 100) else { return .passed }
            switch mischief {
            case .closesAt17, .closesAt400: return strike(.ended)
            case .disconnectsBusy where isV5: return strike(disconnect(0x89))
            case .garbage: return strike(garble())
            default: return .passed
            }
        }

        private func strike(_ passage: Passage) -> Passage {
            state.withLock { $0.strikes += 1 }
            return passage
        }

        private func disconnect(_ reason: UInt8) -> Passage {
            client.send([0xE0, 1, reason])
            return .ended
        }

        private func garble() -> Passage {
            client.send([0x00, 0xFF, 0xFF])
            return .ended
        }

        private func stall() -> Passage {
            usleep(1_000_000)
            return .passed
        }

        /// Refuses with "quota exceeded": the broker does not receive the publication.
        private func refuse(_ packet: FakePacket) -> Passage {
            let id = packet.number(at: 2 + packet.number(at: 0))
            local.withLock { $0.watch.answered(id) }
            client.send([0x40, 3, UInt8(id >> 8), UInt8(id & 255), 0x97])
            return .swallowed
        }

        private func changed(_ packet: FakePacket) -> [FakePacket] {
            switch (mischief, packet.type) {
            case (.acknowledgesLate, 0x40):
                usleep(2_000)
                return struck([packet])
            case (.acknowledgesTwice, 0x40): return struck([packet, packet])
            case (.acknowledgesUnknown, 0x40):
                // As far as possible from the ids in flight, which run through all values.
                let unknown = (packet.number(at: 0) + 0x8000 - 1) % 0xFFFF + 1
                return struck([
                    FakePacket(type: 0x40, flags: 0, body: [UInt8(unknown >> 8), UInt8(unknown & 255)]), packet,
                ])
            case (.acknowledgesBackwards, 0x40):
                return local.withLock { local in
                    local.kept.append(packet)
                    // With fewer than ten in flight, waiting for more would never end.
                    guard local.kept.count >= min(10, local.watch.open.count) else { return [] }
                    defer { local.kept = [] }
                    return struck(local.kept.reversed())
                }
            case (.narrow, 0x20) where local.value.watch.isV5: return struck([packet.narrowed(to: 1)])
            default: return [packet]
            }
        }

        private func struck(_ packets: [FakePacket]) -> [FakePacket] {
            state.withLock { $0.strikes += 1 }
            return packets
        }

        // MARK: The rules

        private func note(down packet: FakePacket, _ local: inout Local) {
            local.watch.came(packet)
            switch packet.type {
            case 0x30 where packet.flags & 6 != 0:
                let id = packet.number(at: 2 + packet.number(at: 0))
                let found = numbers(packet.body)
                if !found.isEmpty { local.deliveredNumbers[id] = found }
            case 0x40:
                let id = packet.number(at: 0)
                if let numbers = local.numbers.removeValue(forKey: id), packet.body.count < 3 || packet.body[2] < 128 {
                    state.withLock { $0.acknowledged.formUnion(numbers) }
                }
            default: break
            }
        }

        private func check(_ packet: FakePacket) {
            local.withLock { local in
                local.watch.sent(packet)
                let violations = local.watch.takeViolations()
                state.withLock { if $0.violations.count < 20 { $0.violations += violations } }
                let id = packet.number(at: packet.type == 0x30 ? 2 + packet.number(at: 0) : 0)
                switch packet.type {
                case 0x30 where packet.flags & 6 != 0:
                    let found = numbers(packet.body)
                    if !found.isEmpty { local.numbers[id] = found }
                case 0x40:
                    if let found = local.deliveredNumbers.removeValue(forKey: id) {
                        state.withLock { $0.acknowledgedByClient.formUnion(found) }
                    }
                default: break
                }
            }
        }
    }
}
