// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest
@testable import Web

/// Answers as gzip, and events as they are.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct CompressionTests {
    @Test(arguments: [
        ("gzip", true), ("br, gzip;q=0.8, *;q=0.1", true), ("GZIP", true), ("x-gzip", true), ("*", true),
        ("deflate, br", false), ("gzip;q=0", false), ("gzip; q=0.000, *", false), ("identity", false), ("", false),
        ("gzipped", false), ("*;q=0", false),
    ])
    func `gzip is used where the client names it`(_ header: String, _ isAccepted: Bool) {
        #expect(Compression.isAccepted(header) == isAccepted)
        #expect(!Compression.isAccepted(nil))
    }

    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        let folder = try TemporaryDirectory()
        try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/answer.gz"))
        let gunzip = try ChildProcess("/bin/gzip", ["-d", "\(folder.path)/answer.gz"])
        #expect(gunzip.wait() == 0)
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/answer")))
    }

    @Test(arguments: ["/", "/page/dygraph.js", "/openapi.json", "/metrics", "/meters/house"])
    func `what is unpacked is what others get`(_ target: String) async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let web = try WebBridge(broker: broker.port)
            try web.meter()
            let plain = try web.get(target)
            guard plain.status == 200 else { return }
            let packed = try http(target, port: web.port, headers: ["Accept-Encoding: gzip, deflate, br"])
            #expect(plain.headers["content-encoding"] == nil && plain.headers["vary"] == "Accept-Encoding")
            #expect(packed.headers["content-encoding"] == "gzip" && packed.headers["vary"] == "Accept-Encoding")
            #expect(packed.headers["content-length"] == "\(packed.body.count)")
            let body = try unpacked([UInt8](packed.body))
            // Ages and counts go on between the two.
            #expect(
                target.hasPrefix("/page") || target == "/openapi.json" ? body == [UInt8](plain.body) : !body.isEmpty)
            #expect(packed.body.count * 2 < plain.body.count)
            print("gzip: \(target): \(plain.body.count) bytes, \(packed.body.count) with gzip")
            #expect(web.bridge.stop() == 0)
        }
    }

    @Test func `events, short answers and requests of other sites stay as they are`() async throws {
        try await onOwnThread {
            let broker = try MosquittoBroker()
            let web = try WebBridge(broker: broker.port)
            try web.meter()
            let gzip = "Accept-Encoding: gzip"
            let short = try http("/healthz", port: web.port, headers: [gzip])
            #expect(short.headers["content-encoding"] == nil && short.text.contains("ok"))
            let foreign = try http("/", port: web.port, headers: [gzip, "Sec-Fetch-Site: cross-site"])
            #expect(foreign.headers["content-encoding"] == nil && foreign.text.hasPrefix("<!doctype html>"))
            let events = try HTTPConnection(port: web.port)
            events.send("GET /page/events?view=/&shape=0 HTTP/1.1\r\nHost: localhost\r\n\(gzip)\r\n\r\n")
            #expect(events.receive(until: "event: "))
            #expect(web.bridge.stop() == 0)
        }
    }
}
