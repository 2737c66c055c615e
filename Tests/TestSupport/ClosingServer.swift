// SPDX-License-Identifier: Apache-2.0
/// Accepts connections and closes them: at once, or after an answer to the first packet.
public final class ClosingServer: Sendable {
    /// The port it listens on.
    public let port: Int
    /// Number of connections so far.
    public let connections = Monitor(0)
    private let listener: FakeSocket

    /// Listens on a free port.
    ///
    /// - Parameter answer: the bytes to send after a CONNECT.
    public init(answer: String = "") throws {
        (listener, port) = try FakeSocket.listening()
        let (listener, connections) = (listener, connections)
        _ = TestThread {
            while let socket = listener.accept() {
                connections.withLock { $0 += 1 }
                if !answer.isEmpty, socket.readPacket() != nil { _ = socket.send(Array(answer.utf8)) }
                socket.shutDown()
            }
        }
    }

    deinit { listener.shutDown() }
}
