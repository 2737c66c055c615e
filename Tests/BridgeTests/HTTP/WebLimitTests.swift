// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Clients that want to hold the server up.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct WebLimitTests {
    @Test(arguments: [
        "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + String(repeating: "a", count: 200_000) + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X: a\r\n", count: 10_000) + "\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n" + String(repeating: "X: a\r\n", count: 80) + "\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\n"
            + String(repeating: "X: " + String(repeating: "a", count: 7000) + "\r\n", count: 3) + "\r\n",
        "POST /v1/meters HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
            + String(repeating: "a", count: 100_000),
        "POST /v1/meters HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: "5\r\naaaaa\r\n", count: 10_000),
        "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\u{16}\u{3}\u{1}",
        "HELO mail.example\r\n",
    ])
    func `a request that is too large or none at all is ended, and others are answered`(request: String) throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let connection = try HTTPConnection(port: web.port)
        connection.send(request)
        let bytes = connection.receiveAll(seconds: 10)
        #expect(bytes != nil, "the connection stays")
        let text = String(decoding: bytes ?? [], as: UTF8.self)
        // The kernel throws an answer away when the rest of the request has not been read.
        #expect(text.isEmpty || text.hasPrefix("HTTP/1.1 4"), "\(text.prefix(200))")
        #expect(try web.get("/healthz").status == 200)
        #expect(web.bridge.stop() == 0)
    }

    @Test func `a small body of a GET is passed over`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let connection = try HTTPConnection(port: web.port)
        connection.send(
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 4\r\n\r\nGET ")
        let text = String(decoding: connection.receiveAll() ?? [], as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.1 200 "))
    }

    @Test func `a request that trickles is ended`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        let connection = try HTTPConnection(port: web.port)
        connection.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ")
        var isOpen = true
        for _ in 0..<400 where isOpen {
            // Neither too much nor ever silent.
            isOpen = connection.send("a")
            Thread.sleep(forTimeInterval: 0.1)
        }
        #expect(!isOpen)
    }

    @Test func `a client that asks on and on and never reads costs one answer, and is ended`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter()
        let answer = try web.get("/openapi.json").body.count
        let before = try web.highWaterMark()
        // The system keeps little of it for a client that has little room.
        let greedy = try (0..<20).map { _ in try HTTPConnection(port: web.port, receiveBuffer: 4096) }
        let request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        // Answers of some 12 MB for each.
        for connection in greedy { connection.send(String(repeating: request, count: 12_000_000 / answer)) }
        // Ended by the server: what it sends then is cut off.
        for connection in greedy { #expect(connection.waitForEnd(seconds: 60)) }
        let grown = try web.highWaterMark() - before
        // A sanitizer keeps what was freed.
        if Patience.factor == 1 { #expect(grown < 60 << 20, "\(grown >> 20) MB") }
        #expect(try web.get("/healthz").status == 200)
        #expect(web.bridge.stop() == 0)
    }

    @Test func `pipelined requests are answered one after the other`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter()
        let connection = try HTTPConnection(port: web.port)
        let paths = (0..<200).map { ["/openapi.json", "/healthz", "/v1/meters/house", "/v1/meters/nobody"][$0 % 4] }
        let requests = paths.enumerated().map { index, path in
            let method = index % 3 == 0 ? "HEAD" : "GET"
            let end = index == paths.count - 1 ? "Connection: close\r\n" : ""
            return "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(end)\r\n"
        }
        _ = TestThread { connection.send(requests.joined()) }
        let text = String(decoding: try #require(connection.receiveAll(seconds: 60)), as: UTF8.self)
        let found = text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { $0.prefix(3) }
        #expect(found == paths.map { $0.hasSuffix("nobody") ? "404" : "200" })
    }

    @Test func `connections leave the brokers their descriptors`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port, descriptors: 64)
        let idle = try (0..<100).map { _ in try HTTPConnection(port: web.port) }
        broker.kill()
        #expect(web.bridge.wait(forLog: "waiting") || web.bridge.wait(forLog: "lost"))
        let more = (0..<100).map { _ in try? HTTPConnection(port: web.port) }
        try broker.start()
        let output = try MosquittoSub(port: broker.port, topics: ["harmonized/v1/meter/house/reading"])
        for power in 1...600 where output.messages.isEmpty {
            try web.send("{\"z\":{\"Pi\":\(power)}}")
            Thread.sleep(forTimeInterval: 0.1)
        }
        #expect(!output.messages.isEmpty, "\(web.bridge.log)")
        // Not for want of a descriptor, which the resolver calls a system error.
        let failures = web.bridge.process.output.value.lines.filter { $0.contains("cannot reach") }
        #expect(failures.allSatisfy { $0.contains(": Connection refused") }, "\(failures)")
        withExtendedLifetime((idle, more)) {}
        #expect(web.bridge.stop() == 0)
    }

    @Test func `connections beyond the limit are closed, and there is room again when others end`() throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        var idle = try (0..<100).map { _ in try HTTPConnection(port: web.port) }
        #expect(throws: SupportError.self) { try web.get("/healthz") }
        idle.removeAll()
        var status = 0
        for _ in 0..<100 where status != 200 {
            status = (try? web.get("/healthz").status) ?? 0
            if status != 200 { Thread.sleep(forTimeInterval: 0.05) }
        }
        #expect(status == 200)
        // One that waits for a request does not hold up the end.
        let waiting = try HTTPConnection(port: web.port)
        #expect(web.bridge.stop() == 0)
        withExtendedLifetime(waiting) {}
    }
}
