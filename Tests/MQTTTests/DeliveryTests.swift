// SPDX-License-Identifier: Apache-2.0
import Foundation
import MQTT
import TestSupport
import Testing

/// What libmosquitto does not document and the delivery promise stands on: acknowledgements leave when we say so.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct DeliveryTests {
    private static let subscribed: @Sendable ([FakeBroker.Entry]) -> Bool = { entries in
        entries.contains { $0.client == "obis-bridge-in" && $0.kind == .subscribe }
    }

    private static func inputAcknowledgements(_ entries: [FakeBroker.Entry]) -> [Int] {
        entries.filter { $0.client == "obis-bridge-in" && $0.kind == .puback }.map(\.id)
    }

    private static func outputs(_ entries: [FakeBroker.Entry]) -> Int {
        entries.count { $0.client == "obis-bridge-out" && $0.kind == .publish }
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `no PUBACK leaves before the output's PUBACK`(version: ProtocolVersion) throws {
        let broker = try FakeBroker()
        let relay = RunningRelay(.test(input: broker.port, version: version))
        #expect(broker.wait(until: Self.subscribed))
        broker.holdAcknowledgements()
        broker.send(["1", "2", "3"], topic: "in/a", to: "obis-bridge-in")
        #expect(broker.wait { Self.outputs($0) == 3 })
        // Nothing can be waited for that must not come: this is the time in which it would.
        #expect(!broker.wait(seconds: 0.5) { !Self.inputAcknowledgements($0).isEmpty })
        broker.releaseAcknowledgements()
        #expect(broker.wait { Self.inputAcknowledgements($0) == [1, 2, 3] })
        let entries = broker.entries
        let lastOutput = try #require(entries.lastIndex { $0.kind == .acknowledged })
        let firstInput = try #require(entries.firstIndex { $0.kind == .puback })
        #expect(lastOutput < firstInput)
        #expect(relay.stop())
    }

    @Test func `no PUBACK leaves while a group is open`() throws {
        let broker = try FakeBroker()
        var settings = RelaySettings.test(input: broker.port)
        // The group is open for as long as the test takes, on a machine that is busy too.
        settings.groupTimeout = .seconds(60)
        let relay = RunningRelay(settings, groupSize: 3)
        #expect(broker.wait(until: Self.subscribed))
        broker.send(["1", "2"], topic: "in/a", to: "obis-bridge-in")
        #expect(relay.record.wait { $0.handled == ["1", "2"] })
        #expect(!broker.wait(seconds: 0.5) { !Self.inputAcknowledgements($0).isEmpty })
        broker.send(["3"], topic: "in/a", to: "obis-bridge-in", firstID: 3)
        #expect(broker.wait { Self.inputAcknowledgements($0) == [1, 2, 3] })
        #expect(Self.outputs(broker.entries) == 1)
        #expect(relay.stop())
    }

    @Test func `what came before the input broker died is read, though a batch was on its way`() throws {
        let input = try FakeBroker()
        let output = try FakeBroker()
        var settings = RelaySettings.test(input: input.port, output: output.port)
        // Half full with the first message: the second stays in the socket.
        settings.batchLimit = 2
        let relay = RunningRelay(settings)
        #expect(input.wait(until: Self.subscribed))
        output.holdAcknowledgements()
        input.send(["1"], topic: "in/a", to: "obis-bridge-in")
        #expect(output.wait { Self.outputs($0) == 1 })
        // The broker may have acknowledged it to its publisher, and dies before it has saved it.
        input.send(["2"], topic: "in/a", to: "obis-bridge-in", firstID: 2)
        input.reset("obis-bridge-in")
        // Long enough to be noticed, and nothing says that it was.
        #expect(!relay.waits(seconds: 0.5) { if case .disconnected = $0 { true } else { false } })
        output.releaseAcknowledgements()
        #expect(output.wait { Self.outputs($0) == 2 })
        #expect(relay.isConnected(.input, times: 2))
        #expect(relay.record.value.handled == ["1", "2"])
        #expect(relay.stop())
    }

    @Test func `keep-alive does not send withheld acknowledgements`() throws {
        let broker = try FakeBroker()
        var settings = RelaySettings.test(input: broker.port)
        settings.input.keepAlive = 5
        let relay = RunningRelay(settings)
        #expect(broker.wait(until: Self.subscribed))
        broker.holdAcknowledgements()
        broker.send(["1"], topic: "in/a", to: "obis-bridge-in")
        #expect(broker.wait { Self.outputs($0) == 1 })
        // Longer, and the output would be connected anew.
        #expect(!broker.wait(seconds: 7 / Double(Patience.factor)) { !Self.inputAcknowledgements($0).isEmpty })
        broker.releaseAcknowledgements()
        #expect(broker.wait { Self.inputAcknowledgements($0) == [1] })
        #expect(relay.stop())
    }

    /// Two keep-alives and a half: mosquitto gives up a silent client after one and a half, libmosquitto a broker after one or two.
    @Test(arguments: [false, true], [ProtocolVersion.v5, .v311])
    func `an output may take longer for a batch than the keep-alive`(
        hasTLS: Bool, version: ProtocolVersion
    ) async throws {
        try await onOwnThread {
            let input = try MosquittoBroker(.init(hasTLS: hasTLS, lines: ["max_inflight_messages 200"]))
            let output = try FakeBroker()
            output.judge { _, _ in
                usleep(250_000)
                return 0
            }
            var settings = RelaySettings.test(input: input.port, output: output.port, version: version)
            settings.input.keepAlive = 5
            settings.acknowledgementTimeout = .seconds(120)
            var login: [String] = []
            if let certificates = input.certificates {
                settings.input.tls = TLSSettings(caFile: certificates.caFile)
                login = ["--cafile", certificates.caFile]
            }
            let relay = RunningRelay(settings)
            #expect(relay.isSubscribed())
            let lines = (1...50).map(String.init)
            try mosquittoPub(port: input.port, topic: "in/a", lines: lines, arguments: login)
            #expect(output.wait(seconds: 60) { Self.outputs($0) == lines.count })
            #expect(relay.record.wait(seconds: 30) { $0.status.unacknowledged == 0 }, "\(relay.events)")
            #expect(relay.record.value.handled == lines)
            #expect(relay.events.count { if case .connected(.input, _, _) = $0 { true } else { false } } == 1)
            #expect(relay.stop())
            // Its log comes in blocks.
            input.stop()
            let packets = input.log.filter { $0.contains(" from obis-bridge-in") }
            #expect(packets.count { $0.contains("PUBACK") } == lines.count)
            #expect(packets.contains { $0.contains("PINGREQ") }, "\(packets)")
        }
    }

    @Test func `a silent output is connected anew and gets its messages again`() throws {
        let broker = try FakeBroker()
        var settings = RelaySettings.test(input: broker.port)
        settings.acknowledgementTimeout = .milliseconds(500)
        let relay = RunningRelay(settings)
        #expect(broker.wait(until: Self.subscribed))
        broker.holdAcknowledgements()
        broker.send(["1"], topic: "in/a", to: "obis-bridge-in")
        #expect(relay.waits { $0 == .acknowledgementsOverdue(unacknowledged: 1) })
        #expect(broker.wait { Self.outputs($0) == 2 })
        #expect(Self.inputAcknowledgements(broker.entries).isEmpty)
        #expect(!broker.entries.contains { $0.client == "obis-bridge-in" && $0.kind == .disconnect })
        broker.releaseAcknowledgements()
        #expect(relay.isConnected(.input, times: 2))
        #expect(relay.stop())
    }

    @Test func `waiting for the output costs no processor time`() throws {
        let input = try FakeBroker()
        let output = try FakeBroker()
        var settings = RelaySettings.test(input: input.port, output: output.port)
        settings.groupTimeout = .milliseconds(50)
        settings.shutdownGrace = .milliseconds(100)
        let relay = RunningRelay(settings)
        #expect(input.wait(until: Self.subscribed))
        output.holdAcknowledgements()
        input.send(["1"], topic: "in/a", to: "obis-bridge-in")
        #expect(output.wait { Self.outputs($0) == 1 })
        #expect(!input.wait(seconds: 2) { !Self.inputAcknowledgements($0).isEmpty })
        #expect(relay.stop())
        #expect(relay.usedProcessorTime < 0.5)
    }

    @Test func `an absent output costs no processor time`() throws {
        let input = try MosquittoBroker()
        let output = try MosquittoBroker()
        let relay = RunningRelay(.test(input: input.port, output: output.port))
        #expect(relay.isSubscribed())
        // The input first: it waits for its next attempt, which the absent output then forbids.
        input.kill()
        #expect(relay.waits { if case .disconnected(.input, _) = $0 { true } else { false } })
        output.kill()
        let attempts = 5
        #expect(
            relay.record.wait { record in
                record.events.count { if case .disconnected(.output, .unreachable) = $0 { true } else { false } }
                    >= attempts
            })
        #expect(relay.stop())
        #expect(relay.usedProcessorTime < 0.5)
    }

    @Test func `a stop without the output's PUBACK acknowledges nothing`() throws {
        let broker = try FakeBroker()
        var settings = RelaySettings.test(input: broker.port)
        settings.shutdownGrace = .milliseconds(300)
        let relay = RunningRelay(settings)
        #expect(broker.wait(until: Self.subscribed))
        broker.holdAcknowledgements()
        broker.send(["1"], topic: "in/a", to: "obis-bridge-in")
        #expect(broker.wait { Self.outputs($0) == 1 })
        #expect(relay.stop())
        #expect(relay.events.last == .shutdownIncomplete(unacknowledged: 1))
        #expect(
            !broker.wait(seconds: 0.3) { entries in
                !Self.inputAcknowledgements(entries).isEmpty || entries.contains { $0.kind == .disconnect }
            })
    }

    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `what a relay did not acknowledge its successor gets again`(version: ProtocolVersion) throws {
        let (input, output) = (try MosquittoBroker(), try MosquittoBroker())
        var settings = RelaySettings.test(input: input.port, output: output.port, version: version)
        settings.shutdownGrace = .milliseconds(100)
        let first = RunningRelay(settings)
        #expect(first.isSubscribed())
        output.freeze()
        try mosquittoPub(port: input.port, topic: "in/a", lines: (1...10).map(String.init))
        #expect(first.record.wait { !$0.handled.isEmpty })
        #expect(first.stop())
        output.resume()
        let sink = try MosquittoSub(port: output.port, arguments: ["-q", "1"])
        let second = RunningRelay(settings)
        #expect(second.waits { $0 == .connected(side: .input, version: version, sessionPresent: true) })
        #expect(second.record.wait { $0.handled.count == 10 })
        #expect(second.record.value.handled == (1...10).map(String.init))
        #expect(sink.wait { Set((1...10).map { "out/a \($0)" }).isSubset(of: $0) })
        #expect(second.stop())
    }
}
