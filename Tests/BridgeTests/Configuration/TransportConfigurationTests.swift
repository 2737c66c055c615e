// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import Inputs

/// `http:`, `udp:`, `tcp:` and `serial:` of a source.
@Suite struct TransportConfigurationTests {
    private func load(_ source: String) -> (BridgeConfiguration.Configuration?, [String]) {
        let loader = ConfigurationLoader(environment: ["TOKEN": "t0ken"])
        let configuration = loader.load("zone: UTC\nsources: {x: {adapter: p1, \(source)}}", file: "bridge.yaml")
        return (configuration, loader.problems.sorted.map(\.description))
    }

    private func http(_ source: String) throws -> HTTPSettings {
        let (configuration, problems) = load(source)
        guard case .http(let settings) = try #require(configuration, "\(problems)").inputs.first?.transport else {
            throw SupportError("no http: \(problems)")
        }
        #expect(problems.isEmpty)
        return settings
    }

    @Test func `a URL alone is an input`() throws {
        let settings = try http(#"http: "http://p1meter.lan/api/v1/telegram""#)
        #expect(settings.url.absoluteString == "http://p1meter.lan/api/v1/telegram")
        #expect(settings.interval == .seconds(10))
        #expect(settings.timeout == .seconds(5))
        #expect(settings.headers.isEmpty)
    }

    @Test func `its source is not subscribed to`() throws {
        let (configuration, _) = load(#"http: "http://p1meter.lan/""#)
        #expect(try #require(configuration).subscriptions.isEmpty)
        #expect(configuration?.sources.first?.filters.map(\.filter) == ["http/x"])
    }

    @Test func `rhythm, limits and headers are as written`() throws {
        let settings = try http(
            #"http: {url: "http://h/", every: 30s, timeout: 2s, headers: {X-Api-Key: abc, Accept: "*/*"}}"#)
        #expect(settings.interval == .seconds(30))
        #expect(settings.timeout == .seconds(2))
        #expect(settings.headers == ["X-Api-Key": "abc", "Accept": "*/*"])
    }

    @Test(arguments: [
        (#"http: {url: "http://h/", username: u, password: p}"#, "Basic dTpw"),
        (#"http: "http://u:p@h/""#, "Basic dTpw"),
        (#"http: {url: "http://h/", token: "${TOKEN}"}"#, "Bearer t0ken"),
    ])
    func `a password or token becomes a header, and is not shown`(source: String, header: String) throws {
        let settings = try http(source)
        #expect(settings.headers["Authorization"] == header)
        #expect(settings.url.absoluteString == "http://h/")
        #expect(settings.place == "http://h/")
    }

    @Test func `a token in the query is not shown`() throws {
        let settings = try http(#"http: "http://h/p?token=secret#x""#)
        #expect(settings.url.query == "token=secret")
        #expect(settings.place == "http://h/p")
    }

    @Test func `a multicast group is joined`() throws {
        let (configuration, problems) = load(
            "udp: {group: 224.0.1.3, port: 8266, interface: eth0, from: 192.168.1.9}")
        let settings = UDPSettings(
            port: 8266, group: IPv4Address("224.0.1.3"), interface: "eth0", sender: IPv4Address("192.168.1.9"))
        #expect(configuration?.inputs == [InputSettings(source: "x", topic: "udp/x", transport: .udp(settings))])
        #expect(settings.place == "udp 224.0.1.3:8266 on eth0 from 192.168.1.9")
        #expect(problems.isEmpty)
    }

    @Test(arguments: [
        ("tcp: {host: ser2net.lan, port: 3333}", "tcp ser2net.lan:3333"),
        ("tcp: ser2net.lan:3333", "tcp ser2net.lan:3333"), (#"tcp: "[fd00::9]:3333""#, "tcp [fd00::9]:3333"),
        (#"tcp: {host: "fd00::9", port: 3333}"#, "tcp [fd00::9]:3333"),
        (#"tcp: {host: "[fd00::9]", port: 3333}"#, "tcp [fd00::9]:3333"),
        (
            "serial: {device: /dev/serial/by-id/usb-x, baud: 115200}",
            "serial /dev/serial/by-id/usb-x (115200 Bd, 8N1)"
        ), ("serial: {device: /dev/ttyUSB0, baud: 2400, format: 8e1}", "serial /dev/ttyUSB0 (2400 Bd, 8E1)"),
        ("serial: {device: /dev/ttyUSB0, baud: 9600, format: 7E1}", "serial /dev/ttyUSB0 (9600 Bd, 7E1)"),
    ])
    func `a line is read where it is`(source: String, place: String) throws {
        let (configuration, problems) = load(source)
        #expect(problems.isEmpty)
        let input = try #require(configuration?.inputs.first)
        #expect(input.transport.description == place)
        #expect(input.topic == "\(input.transport.name)/x")
        #expect(configuration?.subscriptions.isEmpty == true)
        #expect(configuration?.sources.first?.origin == place)
    }

    @Test(arguments: [
        ("tcp: {port: 3333}", "\"tcp\" needs a \"host\": {host: ser2net.lan, port: 3333}"),
        ("tcp: {host: h}", "\"tcp\" needs a \"port\": {host: ser2net.lan, port: 3333}"),
        ("tcp: {host: h, port: 70000}", "\"port\" is a whole number from 1 to 65535, not \"70000\""),
        ("tcp: {host: \"a b\", port: 1}", "\"host\" is a name or an address, not \"a b\""),
        ("tcp: fd00::9:3333", "\"tcp\" is HOST:PORT, [IPv6]:PORT, or {host: HOST, port: PORT}, not \"fd00::9:3333\""),
        ("tcp: h", "\"tcp\" is HOST:PORT, [IPv6]:PORT, or {host: HOST, port: PORT}, not \"h\""),
        ("tcp: {host: h, prt: 1, port: 1}", "unknown key \"prt\" in \"tcp\", did you mean \"port\"?"),
        ("tcp: h:1, serial: {device: /dev/x, baud: 300}", "a source is read by \"tcp\" or by \"serial\", not by both"),
        (
            "tcp: h:1, subscribe: a/b",
            "\"subscribe\" is for MQTT: this source is read by \"tcp\"; make two sources of it"
        ), ("serial: {baud: 9600}", "\"serial\" needs a \"device\": /dev/serial/by-id/… or /dev/ttyUSB0"),
        ("serial: {device: ttyUSB0, baud: 9600}", "\"device\" is a path such as /dev/ttyUSB0, not \"ttyUSB0\""),
        (
            "serial: {device: /dev/ttyUSB0}",
            "\"serial\" needs a \"baud\": 115200 for P1 since DSMR 4, 9600 for most optical heads, 2400 for M-Bus; "
                + "obis-bridge discover --serial /dev/ttyUSB0 tries the usual settings"
        ),
        (
            "serial: {device: /dev/x, baud: 9601}",
            "\"baud\" is one of 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, not 9601"
        ),
        (
            "serial: {device: /dev/x, baud: 9600, format: 9N1}",
            "\"format\" is data bits, parity and stop bits: 8N1, 7E1 or 8E1, not \"9N1\""
        ),
        (
            "serial: {device: /dev/x, speed: 9600, baud: 9600}",
            "unknown key \"speed\" in \"serial\", did you mean \"baud\"?"
        ),
        ("http: ftp://h/", "this is not a URL to poll; write http://HOST/PATH or https://HOST/PATH"),
        (#"http: "http://[fe80::1]/x""#, "an IPv6 address cannot be polled by HTTP here: write the host's name"),
        ("http: {every: 5s}", "\"http\" needs a \"url\": http://HOST/PATH"),
        ("http: {url: http://h/, every: 1ms}", "\"every\" is 500ms to 1d"),
        ("http: {url: http://h/, evry: 5s}", "unknown key \"evry\" in \"http\", did you mean \"every\"?"),
        ("http: {url: http://h/, password: p}", "\"password\" needs a \"username\" beside it"),
        (
            "http: {url: http://h/, headers: {\"a b\": c}}",
            "this is not a header, which is a name without blanks and a value of one line"
        ),
        (
            "http: http://h/, subscribe: a/b",
            "\"subscribe\" is for MQTT: this source is read by \"http\"; make two sources of it"
        ),
        ("http: http://h/, udp: {port: 1}", "a source is read by \"http\" or by \"udp\", not by both"),
        ("udp: {group: 224.0.1.3}", "\"udp\" needs a \"port\""),
        ("udp: {port: 0}", "\"port\" is a whole number from 1 to 65535, not \"0\""),
        ("udp: {port: 1, group: 224.0.1}", "\"group\" is an IPv4 address, not \"224.0.1\""),
        (
            "udp: {port: 1, group: 192.168.1.1}",
            "\"group\" is a multicast address from 224.0.0.0 to 239.255.255.255, not 192.168.1.1; "
                + "without it datagrams to this host are read"
        ),
    ])
    func `a mistake is said in one sentence`(source: String, sentence: String) {
        let (_, problems) = load(source)
        #expect(problems.count == 1)
        #expect(problems.first?.hasSuffix("error: \(sentence)") == true, "\(problems)")
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1..2.3", "+1.2.3.4", "1.2.3.4 ", "0001.2.3.4"])
    func `what is no IPv4 address is none`(text: String) { #expect(IPv4Address(text) == nil) }
}
