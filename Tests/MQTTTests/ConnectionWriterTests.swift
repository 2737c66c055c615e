// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@testable import MQTT

/// A connection with little room, and somebody who writes into it as libmosquitto does.
@Suite(.timeLimit(.minutes(12 * Patience.factor)))
final class ConnectionWriterTests {
    /// The end that the writer knows, and the broker's.
    private let socket: Int32
    private let peer: Int32
    /// What the writer has not written.
    private var queue: [[UInt8]] = []
    private var hasClosed = false

    init() {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &pair) == 0)
        (socket, peer) = (pair[0], pair[1])
        var size: Int32 = 4096
        setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        close(socket)
        close(peer)
    }

    private func fill(_ count: Int) {
        queue = (0..<count).map { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 1 + $0) }
    }

    /// As far as there is room, like libmosquitto.
    private func writeQueue() -> Int32 {
        while let packet = queue.first {
            let count = Glibc.write(socket, packet, packet.count)
            guard count > 0 else { break }
            queue[0].removeFirst(count)
            if queue[0].isEmpty { queue.removeFirst() }
        }
        return 0
    }

    private func read() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1000)
        return Array(bytes[..<max(0, Glibc.read(peer, &bytes, bytes.count))])
    }

    private func write(through writer: ConnectionWriter, _ write: () -> Int32) -> (status: Int32, error: Int32) {
        writer.write(socket: { hasClosed ? -1 : socket }, wantsWrite: { !queue.isEmpty }, write)
    }

    @Test(arguments: [true, false])
    func `what the connection has no room for follows, all and in order`(outlivesErrors: Bool) throws {
        let writer = try #require(ConnectionWriter(socket: socket, outlivesErrors: outlivesErrors))
        fill(1000)
        let all = Array(queue.joined())
        var received: [UInt8] = []
        var wasBlocked = false
        repeat {
            #expect(write(through: writer, writeQueue) == (0, 0))
            wasBlocked = wasBlocked || writer.isBlocked
            while case let bytes = read(), !bytes.isEmpty { received += bytes }
        } while writer.isBlocked || !queue.isEmpty
        #expect(wasBlocked)
        #expect(received == all)
    }

    @Test(arguments: [true, false])
    func `a descriptor that the writer closes is left alone, and its last bytes arrive`(outlivesErrors: Bool) throws {
        let writer = try #require(ConnectionWriter(socket: socket, outlivesErrors: outlivesErrors))
        fill(400)
        queue.append([0xE0, 0])
        let all = Array(queue.joined())
        let other = open("/dev/null", O_RDONLY)
        defer { close(other) }
        var received: [UInt8] = []
        repeat {
            let result = write(through: writer) {
                let status = writeQueue()
                guard queue.isEmpty else { return status }
                hasClosed = true
                // The number becomes another thread's at once.
                dup2(other, socket)
                return status
            }
            #expect(result == (0, 0))
            while case let bytes = read(), !bytes.isEmpty { received += bytes }
        } while writer.isBlocked
        #expect(hasClosed)
        #expect(received == all)
        var status = stat()
        #expect(fstat(socket, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test func `the end of the connection is an error of its own, and nothing is kept for it`() throws {
        let writer = try #require(ConnectionWriter(socket: socket, outlivesErrors: true))
        fill(3)
        shutdown(peer, Int32(SHUT_RD))
        #expect(write(through: writer, writeQueue) == (0, EPIPE))
        #expect(!writer.isBlocked)
    }
}
