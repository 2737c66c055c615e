// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import MQTT
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest
@testable import Web

/// Who may see the page, and who may change something on it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PageRequestTests {
    private let token = "wyz4"

    private func guardian(_ change: (inout WebSettings) -> Void = { _ in }) throws -> WebGuard {
        var settings = WebSettings(address: try #require(ListenAddress("8080")))
        change(&settings)
        return WebGuard(settings: settings, token: token)
    }

    private func post(host: String? = "nuc:8080", _ headers: [String: String]) -> WebRequest {
        WebRequest(method: "POST", target: "/page/meters/house/forget", host: host, headers: headers)
    }

    @Test func `a change needs the page's own origin and its token`() throws {
        let guardian = try guardian()
        let right = ["origin": "http://nuc:8080", "x-obis-bridge-token": token]
        #expect(guardian.refusalOfChange(post(right)) == nil)
        // Behind a proxy that does TLS.
        #expect(guardian.refusalOfChange(post(["origin": "https://NUC:8080", "x-obis-bridge-token": token])) == nil)
        for origin in [
            nil, "", "null", "http://evil.example", "http://nuc:8081", "http://nuc", "http://nuc:8080.evil.example",
            "http://evil.example/nuc:8080", "nuc:8080",
        ] {
            var headers = right
            headers["origin"] = origin
            #expect(guardian.refusalOfChange(post(headers))?.status == 403, "\(origin ?? "none")")
        }
        for word in [nil, "", "wyz", "wyz5", "wyz45", "WYZ4"] {
            var headers = right
            headers["x-obis-bridge-token"] = word
            #expect(guardian.refusalOfChange(post(headers))?.status == 403, "\(word ?? "none")")
        }
        #expect(guardian.refusalOfChange(post(host: nil, right))?.status == 403)
    }

    @Test func `behind a proxy that alone is answered every name is right, and nobody else gets in`() throws {
        let guardian = try guardian { $0.proxies = ["172.30.32.2"] }
        func get(_ peer: String?, host: String = "home.example.org") -> Int? {
            guardian.refusal(
                of: WebRequest(method: "GET", target: "/", host: host, peer: peer.flatMap(PeerAddress.init)))?.status
        }
        #expect(get("172.30.32.2") == nil && get("::ffff:172.30.32.2") == nil && get("::FFFF:172.30.32.2") == nil)
        for peer in [nil, "172.30.32.1", "172.30.32.22", "127.0.0.1", "::1", "2001:db8::2"] {
            #expect(get(peer) == 403 && get(peer, host: "172.30.32.2") == 403, "\(peer ?? "none")")
        }
        let right = ["origin": "https://home.example.org", "x-obis-bridge-token": token]
        func change(_ host: String, forwarded: String?, _ guardian: WebGuard) -> Int? {
            var headers = right
            headers["x-forwarded-host"] = forwarded
            return guardian.refusalOfChange(post(host: host, headers))?.status
        }
        #expect(change("home.example.org", forwarded: nil, guardian) == nil)
        #expect(change("172.30.33.5:8099", forwarded: "home.example.org", guardian) == nil)
        #expect(change("172.30.33.5:8099", forwarded: "evil.example", guardian) == 403)
        // Of somebody who is no proxy the header counts for nothing.
        #expect(change("172.30.33.5:8099", forwarded: "home.example.org", try self.guardian()) == 403)
    }

    @Test func `read_only lets nobody change anything`() throws {
        let guardian = try guardian { $0.isReadOnly = true }
        let refusal = guardian.refusalOfChange(post(["origin": "http://nuc:8080", "x-obis-bridge-token": token]))
        #expect(refusal?.status == 403)
        let text = String(decoding: refusal?.body ?? [], as: UTF8.self)
        #expect(text.contains("read_only"))
    }

    @Test func `two processes have two tokens`() {
        let tokens = Set((0..<100).map { _ in WebToken.make() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.count > 12 })
    }

    @Test func `a parameter of the query is decoded`() {
        let request = WebRequest(method: "GET", target: "/page/events?view=%2Fmeters%2Fa%20b&shape=1#x")
        #expect(request.path == "/page/events")
        #expect(request.query["view"] == "/meters/a b")
        #expect(request.query["shape"] == "1")
        #expect(request.query["vie"] == nil)
    }
}

/// The page of the running program.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PageTests {
    @Test func `the values are in the first answer, with a policy that allows no script of the page itself`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter(1234)
        let page = try web.get("/")
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(page.text.contains(">1234</span>"))
        #expect(page.text.contains("Haus &quot;Süd&quot;"))
        // Nothing but files of its own.
        #expect(!page.text.contains("http:") && !page.text.contains("https:") && !page.text.contains("style="))
        for file in page.text.components(separatedBy: "\"./page/").dropFirst() {
            let name = String(file.prefix { $0 != "\"" })
            let asset = try web.get("/page/\(name)")
            #expect(asset.status == 200, "\(name)")
            #expect(asset.headers["x-content-type-options"] == "nosniff")
        }
        let meter = try web.get("/meters/house")
        #expect(meter.status == 200 && meter.text.contains("1-0:1.7.0"))
        #expect(try web.get("/meters/nobody").status == 404)
        #expect(try web.get("/sources").text.contains("tele/g/SENSOR"))
        #expect(try web.get("/log").text.contains("input connected"))
        #expect(
            try http("/", port: web.port, headers: ["Accept: application/json"]).headers["content-type"]
                == "application/problem+json")
        #expect(web.bridge.stop() == 0)
    }

    @Test func `only the proxy that is named is answered`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(
            broker: broker.port, http: "{listen: PORT, proxy: 192.0.2.7}")
        for path in ["/", "/v1/meters", "/healthz", "/metrics", "/page/events?view=/"] {
            let answer = try http(
                path, port: web.port, headers: ["X-Forwarded-For: 192.0.2.7", "X-Ingress-Path: /api/x"])
            #expect(answer.status == 403 && answer.text.contains("only the proxy may send requests here"), "\(path)")
        }
        #expect(web.bridge.stop() == 0)
    }

    @Test func `what a reader sends never becomes markup`() throws {
        let broker = try MosquittoBroker()
        let port = try freePort()
        let evil = "<img src=x onerror=alert(1)>"
        let bridge = try RunningBridge(
            """
            bridge: "<b>bridge"
            broker: mqtt://localhost:\(broker.port)
            zone: UTC
            http: \(port)
            sources: {"\(evil)": {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/+/SENSOR, meter: house}}
            meters: {house: {name: "</title>\(evil)"}}
            """)
        #expect(bridge.wait(forLog: "http: answered on"), "\(bridge.log)")
        let topic = "tele/<script>/SENSOR"
        try mosquittoPub(
            port: broker.port, topic: topic, payload: "{\"z\":{\"Pi\":11,\"B1\":1.5,\"<svg onload=1>\":3}}")
        try mosquittoPub(port: broker.port, topic: topic, payload: "</script><script>alert(1)</script>")
        for path in ["/", "/meters/house", "/sources", "/log"] {
            var text = ""
            for _ in 0..<100 {
                text = try http(path, port: port).text
                if path != "/sources" || text.contains("alert(1)&lt;/script&gt;") { break }
                Thread.sleep(forTimeInterval: 0.05)
            }
            for markup in ["<img src=x", "<script>", "<svg onload", "<b>bridge", "</title><img"] {
                #expect(!text.contains(markup), "\(path): \(markup)")
            }
        }
        let events = try HTTPConnection(port: port)
        events.send("GET /page/events?view=/sources&shape=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(events.receive(until: "event: shape"))
        #expect(bridge.stop() == 0)
    }

    @Test func `a page that is open is told what changed, and nothing else`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter(11)
        let page = try web.get("/").text
        let shape = try #require(page.components(separatedBy: "data-shape=\"").last?.prefix { $0 != "\"" })
        let events = try HTTPConnection(port: web.port)
        events.send("GET /page/events?view=/&shape=\(shape) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(events.receive(until: "event: values"))
        try web.meter(4321)
        #expect(events.receive(until: "\"m.house.power\":[\"4321\",{\"data-state\":\"import\"}]"))
        // Another meter is more than another value.
        try web.send("{\"z\":{\"Pi\":1,\"B1\":2,\"B2\":3}}")
        #expect(events.receive(until: "event: shape"))
        #expect(web.bridge.stop() == 0)
    }

    @Test func `a proxy that speaks HTTP 1.0 gets the stream as well`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter(11)
        let events = try HTTPConnection(port: web.port)
        events.send("GET /page/events?view=/&shape=0 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        #expect(events.receive(until: "event: shape"))
        try web.meter(4321)

        #expect(events.receive(until: "event: values"))
        #expect(web.bridge.stop() == 0)
    }

    @Test func `accept and forget are for the page alone`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter(11)
        let page = try web.get("/meters/house").text
        let token = try #require(page.components(separatedBy: "data-token=\"").last?.prefix { $0 != "\"" })
        let origin = "Origin: http://localhost:\(web.port)"
        func post(_ word: String, _ headers: [String]) throws -> HTTPAnswer {
            try http(
                "/page/meters/house/\(word)", port: web.port, method: "POST", headers: headers + ["Content-Length: 0"])
        }
        #expect(try post("forget", []).status == 403)
        #expect(try post("forget", [origin]).status == 403)
        #expect(try post("forget", ["Origin: http://evil.example", "X-Obis-Bridge-Token: \(token)"]).status == 403)
        #expect(try http("/page/meters/house/forget", port: web.port).status == 405)
        #expect(try web.get("/v1/meters/house").status == 200)
        let nothing = try post("accept", [origin, "X-Obis-Bridge-Token: \(token)"])
        #expect(nothing.status == 200 && nothing.text.contains("nothing is held"))
        let answer = try post("forget", [origin, "X-Obis-Bridge-Token: \(token)"])
        #expect(answer.status == 200 && answer.text.contains("forgotten"), "\(answer.text)")
        #expect(try web.get("/v1/meters/house").status == 404)
        #expect(web.bridge.stop() == 0)
    }

    @Test func `a page that is open holds up no end`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let events = try HTTPConnection(port: web.port)
        events.send("GET /page/events?view=/&shape=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(events.receive(until: "event: "))
        #expect(web.bridge.stop() == 0)
        #expect(!web.bridge.log.contains("leak"))
    }
}
