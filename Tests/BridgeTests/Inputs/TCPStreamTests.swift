// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import Inputs
@testable import bridge

/// Connections to servers that pass on a serial line.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct TCPStreamTests {
    private func read(_ host: String, _ port: Int) throws -> ByteRecorder {
        ByteRecorder(TCPStream(TCPSettings(host: host, port: try #require(UInt16(exactly: port)))))
    }

    @Test(arguments: [("127.0.0.1", false), ("localhost", false), ("::1", true)])
    func `bytes come by IPv4, by IPv6 and by name`(host: String, isIPv6: Bool) throws {
        let server = try LineServer(isIPv6: isIPv6)
        let recorder = try read(host, server.port)
        #expect(recorder.waitUntilOpen(), "\(recorder.state.value)")
        #expect(server.connections.wait { $0 == 1 })
        server.send([1, 2, 3])
        #expect(recorder.wait(forBytes: 3))
        recorder.end()
        #expect(recorder.waitForEnd() == nil)
        #expect(recorder.bytes == [1, 2, 3])
    }

    @Test func `what came before the end of the connection is delivered`() throws {
        let server = try LineServer()
        let recorder = try read("127.0.0.1", server.port)
        #expect(server.connections.wait { $0 == 1 })
        server.send("telegram")
        server.hangUp()
        #expect(recorder.waitForEnd()?.description == "the server closed the connection")
        #expect(recorder.bytes == Array("telegram".utf8))
    }

    @Test func `a server that closes at once is told apart`() throws {
        let server = try ClosingServer()
        let recorder = try read("127.0.0.1", server.port)
        #expect(
            recorder.waitForEnd()?.description
                == "the server closes the connection at once: does another program have it?")
    }

    @Test func `a connection that is reset, one that is refused, and a host that is not known`() throws {
        let server = try LineServer()
        let recorder = try read("127.0.0.1", server.port)
        #expect(server.connections.wait { $0 == 1 })
        server.send("x")
        #expect(recorder.wait(forBytes: 1))
        server.reset()
        #expect(recorder.waitForEnd()?.description == "the server ended the connection")
        let refused = try read("127.0.0.1", try freePort())
        #expect(refused.waitForEnd()?.description == "the connection is refused: nothing listens on this port")
        let unknown = try read("no-such-host.invalid", 1)
        #expect(unknown.waitForEnd()?.description.contains("the host's name") == true)
    }

    @Test func `silence ends nothing, and the end is prompt`() throws {
        let server = try LineServer()
        let recorder = try read("127.0.0.1", server.port)
        #expect(server.connections.wait { $0 == 1 })
        #expect(!recorder.state.wait(seconds: 0.5) { $0.isEnded })
        recorder.end()
        #expect(recorder.waitForEnd() == nil)
    }

    @Test func `a flood becomes messages of a bounded size`() throws {
        let server = try LineServer()
        let recorder = try read("127.0.0.1", server.port)
        #expect(server.connections.wait { $0 == 1 })
        let flood = [UInt8](repeating: 0x7E, count: 1 << 16)
        let isOver = Monitor(false)
        _ = TestThread { while !isOver.value, server.send(flood) {} }
        #expect(recorder.wait(forBytes: 100_000))
        isOver.withLock { $0 = true }
        recorder.end()
        #expect(recorder.waitForEnd() == nil)
        #expect(recorder.messages.allSatisfy { $0.count < 2 * StreamGathering.limit })
    }

    @Test func `a server that speaks Telnet is named`() throws {
        let server = try LineServer()
        let recorder = try read("127.0.0.1", server.port)
        #expect(server.connections.wait { $0 == 1 })
        server.send([0xFF, 0xFB, 0x01, 0xFF, 0xFD, 0x03])
        #expect(recorder.wait(forBytes: 6))
        #expect(recorder.remarks.count == 1)
        #expect(recorder.remarks.first?.hasPrefix("the server speaks Telnet") == true)
    }
}
