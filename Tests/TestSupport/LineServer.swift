// SPDX-License-Identifier: Apache-2.0

/// A server on the loopback interface that sends bytes to its clients, like ser2net, and reads nothing.
public final class LineServer: Sendable {
    /// The port it listens on.
    public let port: Int
    /// Number of connections so far.
    public let connections = Monitor(0)
    private let listener: FakeSocket
    private let peer = Monitor<FakeSocket?>(nil)

    /// Listens on a free port, on IPv4 or IPv6.
    public init(isIPv6: Bool = false) throws {
        (listener, port) = try isIPv6 ? FakeSocket.listeningOnIPv6() : FakeSocket.listening()
        let (listener, connections, peer) = (listener, connections, peer)
        _ = TestThread {
            while let socket = listener.accept() {
                peer.withLock { $0 = socket }
                connections.withLock { $0 += 1 }
            }
        }
    }

    deinit {
        listener.shutDown()
        peer.value?.shutDown()
    }

    /// Sends to the newest connection; false when there is none, or it is gone.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool { peer.value?.send(bytes) ?? false }

    /// Sends a text.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Closes the newest connection.
    public func hangUp() {
        let socket = peer.withLock { peer in
            defer { peer = nil }
            return peer
        }
        socket?.shutDown()
    }

    /// Resets the newest connection, like a program that is killed.
    public func reset() {
        let socket = peer.withLock { peer in
            defer { peer = nil }
            return peer
        }
        socket?.reset()
    }
}
