// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A TCP proxy on the loopback interface that fails like a network: it stalls, closes one direction, or resets.
public final class NetworkProxy: Sendable {
    private final class Connection: Sendable {
        let client: Int32
        let server: Int32
        private let openEnds = Monitor(2)

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }

        /// Notes that a pump has ended: only after both may the descriptors be reused.
        func end() {
            let isLast = openEnds.withLock { count -> Bool in
                count -= 1
                return count == 0
            }
            guard isLast else { return }
            close(client)
            close(server)
        }

        var isOpen: Bool { openEnds.value > 0 }
    }

    private struct State {
        var connections: [Connection] = []
        var isStalled = false
        var isClosed = false
    }

    /// The port to connect to.
    public let port: Int
    private let listener: Int32
    private let state = Monitor(State())

    /// Forwards connections to a port on the loopback interface.
    public init(to target: Int) throws {
        let (listener, port) = try Loopback.listening()
        (self.listener, self.port) = (listener, port)
        let state = state
        _ = TestThread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { break }
                Self.serve(client, target, state)
            }
            close(listener)
        }
    }

    deinit {
        reset()
        _ = shutdown(listener, Int32(SHUT_RDWR))
    }

    /// From now on forwards nothing, on existing and new connections, without notifying either side.
    public func stall() { state.withLock { $0.isStalled = true } }

    /// Forwards again, starting with what was stalled.
    public func resume() { state.withLock { $0.isStalled = false } }

    /// Closes the server's direction towards the clients, and keeps receiving from them.
    public func halfClose() {
        for connection in state.value.connections where connection.isOpen {
            _ = shutdown(connection.client, Int32(SHUT_WR))
        }
    }

    /// Resets all connections; data in transit is lost.
    public func reset() {
        state.withLock { state in
            var linger = linger(l_onoff: 1, l_linger: 0)
            for connection in state.connections where connection.isOpen {
                for end in [connection.client, connection.server] {
                    setsockopt(end, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                    // Ends the pump that reads it; closing then sends the RST.
                    _ = shutdown(end, Int32(SHUT_RD))
                }
            }
            state.connections = []
            state.isStalled = false
        }
    }

    private static func serve(_ client: Int32, _ target: Int, _ state: Monitor<State>) {
        let server = Loopback.makeSocket()
        guard Loopback.call(connect, server, port: target) == 0 else {
            close(server)
            close(client)
            return
        }
        var on: Int32 = 1
        for end in [client, server] {
            setsockopt(end, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        let connection = Connection(client: client, server: server)
        state.withLock { $0.connections.append(connection) }
        _ = TestThread { pump(from: client, to: server, connection, state) }
        _ = TestThread { pump(from: server, to: client, connection, state) }
    }

    private static func pump(from: Int32, to: Int32, _ connection: Connection, _ state: Monitor<State>) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = recv(from, &buffer, buffer.count, 0)
            _ = state.wait(seconds: 3600) { !$0.isStalled }
            guard count > 0 else { break }
            var sent = 0
            while sent < count {
                let written = buffer.withUnsafeBytes {
                    send(to, $0.baseAddress.map { $0 + sent }, count - sent, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                sent += written
            }
            guard sent == count else { break }
        }
        _ = shutdown(to, Int32(SHUT_WR))
        _ = shutdown(from, Int32(SHUT_RD))
        connection.end()
    }
}
