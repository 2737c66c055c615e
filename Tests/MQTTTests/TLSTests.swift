// SPDX-License-Identifier: Apache-2.0
import MQTT
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct TLSTests {
    @Test(arguments: [ProtocolVersion.v5, .v311])
    func `messages pass over TLS`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker(.init(hasTLS: true))
        let caFile = try #require(broker.certificates).caFile
        var settings = RelaySettings.test(input: broker.port, version: version)
        settings.input.tls = TLSSettings(caFile: caFile)
        settings.output.tls = settings.input.tls
        let sink = try MosquittoSub(port: broker.port, topics: ["out/#"], arguments: ["--cafile", caFile])
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed())
        let lines = (1...300).map(String.init)
        try mosquittoPub(port: broker.port, topic: "in/a", lines: lines, arguments: ["--cafile", caFile])
        #expect(sink.wait { $0 == lines.map { "out/a \($0)" } })
        #expect(relay.stop())
    }

    @Test func `a certificate of another authority ends the relay`() throws {
        let broker = try MosquittoBroker(.init(hasTLS: true))
        let stranger = try TemporaryDirectory()
        var settings = RelaySettings.test(input: broker.port)
        settings.output.tls = TLSSettings(caFile: try TestCertificates(in: stranger).caFile)
        let relay = RunningRelay(settings)
        let error = try #require(relay.failure(), "\(relay.events)")
        #expect(
            "\(error)".hasPrefix(
                "the certificate of localhost:\(broker.port) is not trusted: it does not verify, check the CA file"))
    }

    @Test func `the operating system's certificates do not trust a test authority`() throws {
        let broker = try MosquittoBroker(.init(hasTLS: true))
        var settings = RelaySettings.test(input: broker.port)
        settings.output.tls = TLSSettings()
        let relay = RunningRelay(settings)
        let error = try #require(relay.failure(), "\(relay.events)")
        guard case .notTrusted = error else {
            Issue.record("unexpected: \(error)")
            return
        }
    }

    @Test(arguments: [ProtocolVersion.automatic, .v311])
    func `a plain connection to a TLS port says what to write`(version: ProtocolVersion) throws {
        let broker = try MosquittoBroker(.init(hasTLS: true))
        let error = try #require(RunningRelay(.test(input: broker.port, version: version)).failure())
        #expect("\(error)" == "localhost:\(broker.port) speaks TLS: write mqtts:// in the broker url")
    }

    @Test func `a TLS connection to a plain port says what to write`() throws {
        let broker = try MosquittoBroker()
        var settings = RelaySettings.test(input: broker.port)
        settings.output.tls = TLSSettings()
        let relay = RunningRelay(settings)
        let error = try #require(relay.failure(), "\(relay.events)")
        #expect("\(error)" == "localhost:\(broker.port) does not speak TLS: write mqtt:// in the broker url")
    }

    @Test func `an unreadable CA file ends the relay`() throws {
        var settings = RelaySettings.test(input: 1883)
        settings.output.tls = TLSSettings(caFile: "/no/such/ca.pem")
        let relay = RunningRelay(settings)
        let error = try #require(relay.failure(), "\(relay.events)")
        #expect("\(error)" == "cannot read /no/such/ca.pem: No such file or directory")
    }
}
