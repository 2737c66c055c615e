// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Inputs
@testable import bridge

/// Answers of readers as they are, and as they should not be.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct HTTPFetcherTests {
    private func fetch(
        path: String = "/api/v1/telegram", timeout: Duration = .seconds(60), headers: [String: String] = [:],
        _ answer: @escaping @Sendable (String, (String) -> Void) -> Void
    ) async throws -> (Result<[UInt8], HTTPFault>, FakeHTTPServer) {
        let server = try FakeHTTPServer(answer)
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)\(path)"))
        let fetcher = HTTPFetcher(HTTPSettings(url: url, timeout: timeout, headers: headers))
        defer { fetcher.close() }
        return (await fetcher.fetch(), server)
    }

    @Test func `the body comes byte for byte`() async throws {
        let telegram = "/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(002131.115*kWh)\r\n!72F1\r\n\0"
        let (result, server) = try await fetch(headers: ["X-Key": "secret"]) { _, send in
            send(FakeHTTPServer.ok(telegram))
        }
        #expect(result == .success(Array(telegram.utf8)))
        let head = try #require(server.requests.value.first)
        #expect(head.hasPrefix("GET /api/v1/telegram HTTP/1.1\r\n"))
        #expect(head.lowercased().contains("x-key: secret\r\n"))
    }

    @Test func `chunks of a small reader are put together`() async throws {
        let (result, _) = try await fetch { _, send in
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for piece in ["{\"usage", "HighkWh\":", "\"000002.384\"}"] {
                send("\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n")
            }
            send("0\r\n\r\n")
        }
        #expect(result == .success(Array("{\"usageHighkWh\":\"000002.384\"}".utf8)))
    }

    @Test(arguments: [
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", HTTPFault.status(404)),
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", .status(401)),
        ("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", .status(500)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .empty),
        ("HTTP/1.1 204 No Content\r\n\r\n", .empty),
        (
            "HTTP/1.1 302 Found\r\nLocation: http://u:p@other.lan/x?token=1\r\nContent-Length: 0\r\n\r\n",
            .redirected(to: "http://other.lan/x")
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", .tooLarge),
    ])
    func `what is no answer is named`(answer: String, fault: HTTPFault) async throws {
        let (result, _) = try await fetch { _, send in send(answer) }
        #expect(result == .failure(fault))
    }

    @Test func `an answer that never ends is cut at the limit`() async throws {
        let (result, _) = try await fetch { _, send in
            send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            let block = String(repeating: "x", count: 65_536)
            for _ in 0..<64 { send(block) }
        }
        #expect(result == .failure(.tooLarge))
    }

    @Test func `a reader that sends a byte now and then is given up in time`() async throws {
        let isOver = Monitor(false)
        let (result, _) = try await fetch(timeout: .milliseconds(700)) { _, send in
            send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            for _ in 0..<900 where !isOver.wait(seconds: 0.1, until: { $0 }) { send("x") }
        }
        isOver.withLock { $0 = true }
        #expect(result == .failure(.timedOut(after: .milliseconds(700))))
    }

    @Test func `a closed port and an unknown name are told apart`() async throws {
        let port = try freePort()
        let closed = HTTPFetcher(HTTPSettings(url: try #require(URL(string: "http://127.0.0.1:\(port)/"))))
        #expect(await closed.fetch() == .failure(.refused))
        closed.close()
        let unknown = HTTPFetcher(HTTPSettings(url: try #require(URL(string: "http://no-such-host.invalid/"))))
        #expect(await unknown.fetch() == .failure(.unknownHost))
        unknown.close()
    }

    @Test func `the question after a failure is answered by its own answer`() async throws {
        let number = Monitor(0)
        let server = try FakeHTTPServer { _, send in
            let count = number.withLock { state -> Int in
                state += 1
                return state
            }
            send(count % 2 == 1 ? "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n" : FakeHTTPServer.ok("\(count)"))
        }
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
        let fetcher = HTTPFetcher(HTTPSettings(url: url))
        for round in 1...20 {
            #expect(await fetcher.fetch() == .failure(.status(503)))
            #expect(await fetcher.fetch() == .success(Array("\(round * 2)".utf8)))
        }
        fetcher.close()
    }

    @Test func `a question that is cancelled ends at once`() async throws {
        let server = try FakeHTTPServer { _, _ in _ = Monitor(false).wait(seconds: 20) { $0 } }
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/"))
        let fetcher = HTTPFetcher(HTTPSettings(url: url, timeout: .seconds(60)))
        let task = Task { await fetcher.fetch() }
        // Waiting must not block: with two cores the test and the question share two threads with all other tests.
        while server.requests.value.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        #expect(await task.value == .failure(.cancelled))
        fetcher.close()
    }
}
