// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Testing

@testable import BridgeConfiguration

/// `http:` in the configuration.
@Suite struct ListenTests {
    private func load(_ http: String) -> (address: String?, problems: [String]) {
        let loader = ConfigurationLoader(environment: [:])
        let configuration = loader.load(
            "zone: UTC\nsources: {x: {adapter: gplug}}\nhttp: \(http)", file: "bridge.yaml")
        return (configuration?.http?.description, loader.problems.sorted.map(\.description))
    }

    @Test(arguments: [
        ("8080", "127.0.0.1:8080"), ("127.0.0.1:8080", "127.0.0.1:8080"), ("\"127.1.2.3:1\"", "127.1.2.3:1"),
        ("localhost:65535", "127.0.0.1:65535"), ("\"[::1]:8080\"", "[::1]:8080"), ("{listen: 9000}", "127.0.0.1:9000"),
        ("{listen: \"[::1]:9000\"}", "[::1]:9000"),
    ])
    func `an address of the loopback needs no remark`(text: String, address: String) {
        let (found, problems) = load(text)
        #expect(found == address)
        #expect(problems.isEmpty)
    }

    @Test(arguments: ["~", "{}", "{listen: ~}"]) func `nothing is nowhere`(text: String) {
        let (found, problems) = load(text)
        #expect(found == nil)
        #expect(problems.isEmpty)
    }

    @Test(arguments: ["0.0.0.0:8080", "192.168.1.5:8080", "\"[::]:8080\"", "{listen: 10.0.0.1:80}"])
    func `an address that others reach is a warning`(text: String) {
        let (found, problems) = load(text)
        #expect(found != nil)
        #expect(problems.count == 1)
        #expect(problems.first?.contains("warning: everyone who reaches") == true, "\(problems)")
    }

    @Test(arguments: [
        "0", "65536", "-1", "99999999999999999999", "\"\"", "eighty", "host.example:8080", "127.0.0.1", "127.0.0.1:",
        "\"::1:8080\"", "\"[::1]\"", "\"[::1:8080\"", "1.2.3:80", "0x50", "\"8080 \"", "{listen: 0}", "[8080]", "off",
    ])
    func `what is no address of this computer is a mistake`(text: String) {
        let (found, problems) = load(text)
        #expect(found == nil)
        #expect(problems.count == 1 && problems[0].hasPrefix("bridge.yaml:3:"), "\(problems)")
        #expect(problems[0].contains("error: "))
    }

    @Test func `names and what may be done are read`() throws {
        let loader = ConfigurationLoader(environment: [:])
        let http = loader.load(
            "zone: UTC\nsources: {x: {adapter: gplug}}\nhttp: {listen: 80, hosts: [NUC.lan], read_only: true}",
            file: "bridge.yaml")?.http
        #expect(http == WebSettings(address: try #require(ListenAddress("80")), hosts: ["nuc.lan"], isReadOnly: true))
    }

    @Test(arguments: ["http://nuc.lan", "nuc.lan:80", "\"\"", "\"a b\"", "\"<b>\""])
    func `a host is a name and nothing else`(host: String) {
        let (_, problems) = load("{listen: 80, hosts: [\(host)]}")
        #expect(problems.count == 1 && problems[0].contains("without scheme and port"), "\(problems)")
    }

    @Test func `a proxy that alone is answered needs no warning`() {
        let loader = ConfigurationLoader(environment: [:])
        let http = loader.load(
            "zone: UTC\nsources: {x: {adapter: gplug}}\nhttp: {listen: 0.0.0.0:8099, proxy: [172.30.32.2, \"FE80::1\"]}",
            file: "bridge.yaml")?.http
        #expect(http?.proxies == ["172.30.32.2", "fe80::1"])
        #expect(loader.problems.sorted.isEmpty)
        #expect(load("{listen: 0.0.0.0:8099, proxy: 172.30.32.2}").problems.isEmpty)
    }

    @Test(arguments: [
        ("proxy.lan", "is the address of the proxy"), ("172.30.32.0/24", "is the address of the proxy"),
        ("\"172.30.32.2:80\"", "is the address of the proxy"), ("127.0.0.1", "cannot be told from its browsers"),
        ("\"::1\"", "cannot be told from its browsers"), ("\"::ffff:127.0.0.1\"", "cannot be told from its browsers"),
    ])
    func `what is no proxy lets nobody in`(proxy: String, sentence: String) {
        let (found, problems) = load("{listen: 0.0.0.0:8099, proxy: \(proxy)}")
        #expect(found == nil)
        #expect(problems.count == 1 && problems[0].contains(sentence), "\(problems)")
    }

    @Test func `an unknown key has its hint`() {
        #expect(
            load("{port: 80}").problems == [
                "bridge.yaml:3:8: error: unknown key \"port\" in \"http\", did you mean \"listen\"?"
            ])
    }
}
