// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import MQTT

/// Servers that are not the broker, and brokers that do not know the client.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
struct TLSAttackTests {
    /// A mosquitto with the given certificate, and what trusts its authority.
    private struct Site {
        let directory: TemporaryDirectory
        let certificates: TestCertificates
        let broker: MosquittoBroker

        init(
            lines: [String] = [], certificate: (TestCertificates) throws -> (certificateFile: String, keyFile: String)
        ) throws {
            directory = try TemporaryDirectory()
            certificates = try TestCertificates(in: directory)
            let own = try certificate(certificates)
            broker = try MosquittoBroker(
                .init(lines: ["certfile \(own.certificateFile)", "keyfile \(own.keyFile)"] + lines))
        }

        func settings(_ change: (inout TLSSettings) -> Void = { _ in }) -> RelaySettings {
            var settings = RelaySettings.test(input: broker.port)
            var tls = TLSSettings(caFile: certificates.caFile)
            change(&tls)
            settings.input.tls = tls
            settings.output.tls = tls
            return settings
        }
    }

    @Test func `a certificate for another host ends the relay`() throws {
        let site = try Site { try $0.another("other", host: "other.example") }
        let relay = RunningRelay(site.settings())
        let error = try #require(relay.failure(), "\(relay.events)")
        let reason =
            Library.checksHostNameApart
            ? "it is made for another host name"
            : "it does not verify, check the CA file, the host name in the certificate and its dates"
        #expect("\(error)" == "the certificate of localhost:\(site.broker.port) is not trusted: \(reason)")
    }

    @Test func `a certificate whose time is over ends the relay`() throws {
        let site = try Site { try $0.another("old", host: "localhost", isExpired: true) }
        let relay = RunningRelay(site.settings())
        let error = try #require(relay.failure(), "\(relay.events)")
        #expect(
            "\(error)".hasPrefix(
                "the certificate of localhost:\(site.broker.port) is not trusted: it does not verify, check the CA file"
            ))
    }

    @Test func `a valid certificate of the same authority is trusted`() throws {
        let site = try Site { try $0.another("good", host: "localhost") }
        let relay = RunningRelay(site.settings())
        #expect(relay.isSubscribed(), "\(relay.events)")
        #expect(relay.stop())
    }

    @Test func `a client certificate lets in where the broker demands one`() throws {
        let site = try Site(lines: ["require_certificate true"]) { ($0.certificateFile, $0.keyFile) }
        // The broker needs to know the authority of the clients.
        let client = try site.certificates.another("client", host: "obis-bridge")
        let broker = try MosquittoBroker(
            .init(lines: [
                "certfile \(site.certificates.certificateFile)", "keyfile \(site.certificates.keyFile)",
                "cafile \(site.certificates.caFile)", "require_certificate true",
            ]))
        var settings = RelaySettings.test(input: broker.port)
        settings.input.tls = TLSSettings(
            caFile: site.certificates.caFile, certificateFile: client.certificateFile, keyFile: client.keyFile)
        settings.output.tls = settings.input.tls
        let relay = RunningRelay(settings)
        #expect(relay.isSubscribed(), "\(relay.events)")
        #expect(relay.stop())
        // Without one it says so and tries again, slower each time: the broker may get to know it.
        settings.input.tls = TLSSettings(caFile: site.certificates.caFile)
        settings.output.tls = settings.input.tls
        let stranger = RunningRelay(settings)
        #expect(
            stranger.waits {
                if case .disconnected(.output, _) = $0 { true } else { false }
            }, "\(stranger.events)")
        #expect(!stranger.events.contains { if case .connected = $0 { true } else { false } })
        #expect(stranger.stop())
    }

    @Test func `a client certificate of another authority does not let in`() throws {
        let directory = try TemporaryDirectory()
        let certificates = try TestCertificates(in: directory)
        let other = try TemporaryDirectory()
        let client = try TestCertificates(in: other).another("client", host: "obis-bridge")
        let broker = try MosquittoBroker(
            .init(lines: [
                "certfile \(certificates.certificateFile)", "keyfile \(certificates.keyFile)",
                "cafile \(certificates.caFile)", "require_certificate true",
            ]))
        var settings = RelaySettings.test(input: broker.port)
        settings.output.tls = TLSSettings(
            caFile: certificates.caFile, certificateFile: client.certificateFile, keyFile: client.keyFile)
        settings.input.tls = settings.output.tls
        let relay = RunningRelay(settings)
        #expect(relay.waits { if case .disconnected(.output, _) = $0 { true } else { false } }, "\(relay.events)")
        #expect(!relay.events.contains { if case .connected = $0 { true } else { false } })
        #expect(relay.stop())
    }

    @Test func `the ALPN protocol of the configuration is asked for`() throws {
        let directory = try TemporaryDirectory()
        let certificates = try TestCertificates(in: directory)
        let port = try freePort()
        // mosquitto says nothing of ALPN, and openssl's server only in a mode that reads a terminal.
        let script = """
            import socket, ssl, sys
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1], sys.argv[2])
            context.set_alpn_protocols(["http/1.1", "mqtt"])
            server = socket.create_server(("127.0.0.1", int(sys.argv[3])))
            print("ready", flush=True)
            while True:
                with context.wrap_socket(server.accept()[0], server_side=True) as connection:
                    print("chosen:", connection.selected_alpn_protocol(), flush=True)
            """
        let server = try ChildProcess(
            "python3", ["-c", script, certificates.certificateFile, certificates.keyFile, "\(port)"])
        #expect(server.wait { $0.contains("ready") }, "\(server.output.value.lines)")
        var settings = RelaySettings.test(input: port)
        settings.output.tls = TLSSettings(caFile: certificates.caFile, alpn: "mqtt")
        let relay = RunningRelay(settings)
        #expect(server.wait { $0.contains("chosen: mqtt") }, "\(server.output.value.lines)")
        #expect(relay.stop())
    }

    @Test func `a server with TLS 1.1 only is refused`() throws {
        let directory = try TemporaryDirectory()
        let certificates = try TestCertificates(in: directory)
        let port = try freePort()
        let server = try ChildProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificates.certificateFile, "-key",
                certificates.keyFile, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-rev",
            ])
        #expect(server.wait { $0.contains { $0.contains("ACCEPT") } }, "\(server.output.value.lines)")
        var settings = RelaySettings.test(input: port)
        settings.output.tls = TLSSettings(caFile: certificates.caFile)
        let relay = RunningRelay(settings)
        #expect(
            relay.waits { if case .disconnected(.output, .tlsFailed) = $0 { true } else { false } }, "\(relay.events)")
        #expect(relay.stop())
    }

    @Test(arguments: [false, true])
    func `connections that end in the greeting are tried slower and slower`(hasTLS: Bool) throws {
        // Accepts and closes at once, and counts: a loop without a pause would come thousands of times.
        let broker = try ClosingServer()
        var settings = RelaySettings.test(input: broker.port)
        settings.output.tls = hasTLS ? TLSSettings() : nil
        settings.reconnectDelay = .milliseconds(200) ... .seconds(30)
        let relay = RunningRelay(settings)
        #expect(broker.connections.wait(seconds: 60) { $0 >= 4 }, "\(relay.events)")
        let events = relay.events.count
        #expect(relay.stop())
        #expect(broker.connections.value < 40, "\(relay.events)")
        #expect(events < 80)
        #expect(relay.usedProcessorTime < 2)
    }

    @Test(arguments: [false, true])
    func `a refused port costs no processor time`(hasTLS: Bool) throws {
        var settings = RelaySettings.test(input: try freePort())
        settings.output.tls = hasTLS ? TLSSettings() : nil
        let relay = RunningRelay(settings)
        func refusals(in events: [RelayEvent]) -> Int {
            events.count { if case .disconnected(.output, .unreachable) = $0 { true } else { false } }
        }
        #expect(relay.record.wait(seconds: 60) { refusals(in: $0.events) >= 4 }, "\(relay.events)")
        #expect(relay.stop())
        // With 0.2 s doubled, four attempts take 1.4 s at least; a busy loop makes hundreds of thousands in that time.
        #expect(refusals(in: relay.events) < 40)
        #expect(relay.usedProcessorTime < 1)
    }
}
