// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A blocking connection of the fake broker.
final class FakeSocket: Sendable {
    let isV5 = Monitor(false)
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    static func listening() throws -> (FakeSocket, port: Int) {
        let (descriptor, port) = try Loopback.listening()
        return (FakeSocket(descriptor), port)
    }

    /// The same on ::1.
    static func listeningOnIPv6() throws -> (FakeSocket, port: Int) {
        let (descriptor, port) = try Loopback.listening { port in
            let descriptor = socket(AF_INET6, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = UInt16(port).bigEndian
            address.sin6_addr = in6addr_loopback
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
            return (descriptor, status == 0)
        }
        return (FakeSocket(descriptor), port)
    }

    /// A connection to a port on the loopback interface; nil when it fails.
    static func connected(to port: Int) -> FakeSocket? {
        let descriptor = Loopback.makeSocket()
        guard Loopback.call(connect, descriptor, port: port) == 0 else {
            close(descriptor)
            return nil
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return FakeSocket(descriptor)
    }

    /// The next connection; nil after `shutDown`.
    func accept() -> FakeSocket? {
        let connection = Glibc.accept(descriptor, nil, nil)
        guard connection >= 0 else { return nil }
        var on: Int32 = 1
        setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return FakeSocket(connection)
    }

    /// Ends reading and writing; the descriptor stays open until the last reference is gone.
    func shutDown() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Resets the connection, like a broker that is killed with unread data. `readPacket` then ends, and releasing the
    /// last reference sends the RST.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        _ = shutdown(descriptor, Int32(SHUT_RD))
    }

    /// False when the connection is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// A PUBLISH in the version of this connection: QoS 1, or QoS 0 without an id.
    func publication(topic: String, payload: String, id: Int?) -> [UInt8] {
        publication(Array(topic.utf8), payload, id: id)
    }

    /// The same for a topic that may be invalid.
    func publication(_ topic: [UInt8], _ payload: String, id: Int?) -> [UInt8] {
        let properties: [UInt8] = isV5.value ? [0] : []
        let body =
            [UInt8(topic.count >> 8), UInt8(topic.count & 255)] + topic
            + (id.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? []) + properties + Array(payload.utf8)
        precondition(body.count < 128, "one length byte is enough for the tests")
        return [id == nil ? 0x30 : 0x32, UInt8(body.count)] + body
    }

    /// The next packet; nil at the end of the connection.
    func readPacket() -> FakePacket? {
        guard let first = read(1)?.first else { return nil }
        var length = 0
        for shift in stride(from: 0, through: 21, by: 7) {
            guard let byte = read(1)?.first else { return nil }
            length |= Int(byte & 127) << shift
            if byte < 128 { break }
        }
        guard let body = read(length) else { return nil }
        return FakePacket(type: first & 0xf0, flags: first & 0x0f, body: body)
    }

    /// The head of an HTTP request, up to the blank line; nil at the end of the connection.
    func readHead() -> String? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard bytes.count < 65_536, let byte = read(1) else { return nil }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let received = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress.map { $0 + filled }, count - filled, 0)
            }
            guard received > 0 else { return nil }
            filled += received
        }
        return bytes
    }
}
