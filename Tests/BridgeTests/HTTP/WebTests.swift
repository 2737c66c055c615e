// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest

/// `http:` of the running program.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct WebTests {
    @Test func `the meters are listed, and a meter's state is the bytes of its topic`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        #expect(try web.get("/v1/meters").text == #"{"schema":"harmonized/1.0","meters":[]}"#)
        try web.meter()
        let list = try web.object("/v1/meters")
        let meter = try #require((list["meters"] as? [[String: Any]])?.first)
        #expect(meter["id"] as? String == "house")
        #expect(meter["name"] as? String == "Haus \"Süd\"")
        #expect(meter["availability"] as? String == "online")
        #expect((meter["time"] as? String)?.hasSuffix("Z") == true)
        #expect(meter["links"] as? [String: String] == ["self": "/v1/meters/house"])
        let retained = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/house/state"], format: "%p")
        #expect(retained.wait { !$0.isEmpty })
        let state = try web.get("/v1/meters/house")
        #expect(state.text == retained.messages.first)
        #expect(state.headers["content-type"] == "application/json")
        #expect(state.headers["cache-control"] == "no-store")
        #expect(state.headers["content-length"] == "\(state.body.count)")
        #expect(try web.get("/v1/meters/%68ouse?x=y") == state)
        #expect(web.bridge.stop() == 0)
    }

    @Test func `a profile that publishes no state has one here`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port, more: "profile: {topics: {state: {enabled: false}}}")
        try web.meter()
        #expect(try web.get("/v1/meters/house").text.hasPrefix(#"{"schema":"harmonized/1.0","meter":"house","#))
    }

    @Test(arguments: [
        ("/v1/meters/nobody", "no meter \\\"nobody\\\""), ("/v1/meters/a%2Fb", "no meter \\\"a/b\\\""),
        ("/v1/meters/%zz", "no meter \\\"%zz\\\""), ("/v1/meters/%1b%5b2J", "no meter \\\"\\u001b[2J\\\""),
        ("/v1", "and /v1/meters, "), ("/metrics/x", "and /v1/meters, "),
    ])
    func `what is not there is a problem in JSON`(target: String, detail: String) throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let answer = try web.get(target)
        #expect(answer.status == 404)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.text.contains(detail), "\(answer.text)")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(answer.body)) }
    }

    @Test func `nothing can be changed, and HEAD is GET without a body`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter()
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"] {
            let answer = try web.get("/v1/meters/house", method: method)
            // What is no method at all is refused before anybody looks at its path.
            #expect(answer.status == (method == "BREW" ? 400 : 405), "\(method)")
            if method != "BREW" { #expect(answer.headers["allow"] == "GET, HEAD") }
        }
        for target in ["/v1/meters", "/v1/meters/house", "/healthz", "/readyz", "/openapi.json", "/v1/meters/nobody"] {
            let get = try web.get(target)
            let head = try web.get(target, method: "HEAD")
            #expect(head.body.isEmpty)
            #expect(head.status == get.status)
            #expect(head.headers == get.headers, "\(target)")
        }
    }

    @Test func `a connection is kept for several requests`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let connection = try HTTPConnection(port: web.port)
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
        connection.send(request + "\r\n" + request + "\r\n" + request + "Connection: close\r\n\r\n")
        let bytes = try #require(connection.receiveAll())
        #expect(String(decoding: bytes, as: UTF8.self).components(separatedBy: "{\"status\":\"ok\"}").count == 4)
    }

    @Test func `without a broker it lives and is not ready`() throws {
        let port = try freePort()
        let web = try WebBridge(broker: port, waitsForSubscription: false)
        let health = try web.wait("/healthz") { $0.status == 200 }
        #expect(health.status == 200 && health.text == #"{"status":"ok"}"#)
        let waiting = try web.wait("/readyz") { $0.text.contains("refused") }
        #expect(waiting.status == 503)
        #expect(
            waiting.text
                == #"{"status":"waiting","missing":["output: not connected (Connection refused)","baseline: own retained messages not read back yet","input: not connected"]}"#
        )
        #expect(try web.metrics()["obis_bridge_broker_connected{side=\"input\"}"] == 0)
        let broker = try MosquittoBroker(port: port)
        let ready = try web.wait("/readyz") { $0.status == 200 }
        #expect(ready.text == #"{"status":"ready","missing":[]}"#, "\(web.bridge.log)")
        broker.stop()
        #expect(try web.wait("/readyz") { $0.status == 503 }.text.contains("output: not connected"))
        #expect(try web.get("/healthz").status == 200)
        #expect(try web.metrics()["obis_bridge_broker_connected{side=\"output\"}"] == 0)
        try broker.start()
        #expect(try web.wait("/readyz") { $0.status == 200 }.status == 200, "\(web.bridge.log)")
        #expect(try web.metrics()["obis_bridge_reconnects_total{side=\"output\"}"] == 1)
        #expect(web.bridge.stop() == 0)
    }

    /// It may be a limit, a proxy or an access list: nothing proves that there is another client, and nothing ends.
    @Test
    func `a broker that closes each connection before anything is acknowledged is named, and served when it relents`()
        async throws
    {
        try await onOwnThread {
            let (input, output) = (try FakeBroker(), try MosquittoBroker())
            input.keepSession(of: "test-in", topic: "tele/g/SENSOR", payloads: [#"{"z":{"Pi":1}}"#])
            input.dismiss("test-in")
            let web = try WebBridge(
                broker: input.port, more: "output_broker: mqtt://localhost:\(output.port)", waitsForSubscription: false)
            let sentence = "input: the broker closes the connection without a reason, again and again"
            #expect(web.bridge.wait(seconds: 60, forLog: sentence), "\(web.bridge.log)")
            let waiting = try web.wait("/readyz") { $0.text.contains("input: not connected (closed by the broker") }
            #expect(waiting.status == 503, "\(waiting.text)")
            #expect(web.bridge.process.output.value.exitCode == nil)
            #expect(!input.entries.contains { $0.kind == .puback })
            input.dismiss("test-in", false)
            #expect(input.wait(seconds: 60) { $0.contains { $0.client == "test-in" && $0.kind == .puback } })
            #expect(web.bridge.stop() == 0, "\(web.bridge.log)")
        }
    }

    @Test func `a topic that may not be read is missing`() throws {
        let broker = try MosquittoBroker()
        let rules = "\(broker.directory.path)/acl"
        try broker.directory.write("acl", "topic readwrite harmonized/#\n")
        let strict = try MosquittoBroker(MosquittoBroker.Options(lines: ["acl_file \(rules)"]))
        let port = try freePort()
        let bridge = try RunningBridge(
            WebBridge.configuration(broker: strict.port, http: "\(port)"), waitsForSubscription: false)
        // mosquitto 2.0 takes a subscription that it never serves, newer ones refuse it.
        #expect(bridge.wait(forLog: "input connected"), "\(bridge.log)")
        guard bridge.wait(seconds: 2, forLog: "tele/g/SENSOR: ") else { return }
        #expect(try http("/readyz", port: port).text.contains("tele/g/SENSOR"))
    }

    @Test func `a port that is taken is said at once`() throws {
        let broker = try MosquittoBroker()
        let bridge = try RunningBridge(
            WebBridge.configuration(broker: broker.port, http: "127.0.0.1:\(broker.port)"), waitsForSubscription: false)
        #expect(bridge.process.wait() == 78)
        let sentence =
            "http: cannot listen on 127.0.0.1:\(broker.port): another program listens there; name another port"
        #expect(bridge.log.contains(sentence), "\(bridge.log)")
    }

    @Test func `a reload moves it, keeps it where the new port is taken, and ends it`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let other = try freePort()
        try web.bridge.configure(WebBridge.configuration(broker: broker.port, http: "{listen: \(other)}"))
        web.bridge.process.kill(SIGHUP)
        #expect(web.bridge.wait(forLog: "http: answered on http://127.0.0.1:\(other)"), "\(web.bridge.log)")
        #expect(try http("/healthz", port: other).status == 200)
        try web.bridge.configure(WebBridge.configuration(broker: broker.port, http: "\(broker.port)"))
        web.bridge.process.kill(SIGHUP)
        #expect(web.bridge.wait(forLog: "127.0.0.1:\(other) stays as it is"), "\(web.bridge.log)")
        #expect(try http("/healthz", port: other).status == 200)
        try web.bridge.configure(WebBridge.configuration(broker: broker.port, http: "~"))
        web.bridge.process.kill(SIGHUP)
        #expect(web.bridge.wait(forLog: "http: not answered any more"), "\(web.bridge.log)")
        #expect(throws: SupportError.self) { try http("/healthz", port: other) }
        #expect(throws: SupportError.self) { try http("/healthz", port: web.port) }
        #expect(web.bridge.stop() == 0)
    }

    @Test func `it answers on IPv6 too`() throws {
        let broker = try MosquittoBroker()
        let port = try freePort()
        let bridge = try RunningBridge(WebBridge.configuration(broker: broker.port, http: "\"[::1]:\(port)\""))
        let curl = try ChildProcess("curl", ["-s", "-g", "http://[::1]:\(port)/healthz"])
        // A machine without IPv6 or without curl has nothing to say here.
        guard bridge.wait(seconds: 2, forLog: "http: answered on"), curl.wait() == 0 else { return }
        #expect(curl.output.value.lines == [#"{"status":"ok"}"#])
    }

    @Test func `the description is the one that the command prints`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let printed = try ChildProcess(RunningBridge.program, ["schema", "--kind", "openapi"])
        #expect(printed.wait() == 0)
        let served = try web.get("/openapi.json").text
        #expect(served == printed.output.value.lines.joined(separator: "\n") + "\n")
        let document = try web.object("/openapi.json")
        let paths = Set((document["paths"] as? [String: Any] ?? [:]).keys)
        #expect(
            paths == [
                "/v1/meters", "/v1/meters/{meter}", "/v1/meters/{meter}/history", "/openapi.json", "/healthz",
                "/readyz", "/metrics",
            ])
        let schemas = (document["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:]
        for reference in served.components(separatedBy: "#/components/schemas/").dropFirst() {
            let name = String(reference.prefix { $0 != "\"" })
            #expect(schemas[name] != nil, "\(name)")
        }
    }
}
