// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A minimal HTTP server that answers as a test configures it, also wrongly, slowly or not at all.
public final class FakeHTTPServer: Sendable {
    /// The port on the loopback interface.
    public let port: Int
    /// The head of every request, in the order of arrival.
    public let requests = Monitor<[String]>([])
    private let listener: FakeSocket

    /// Listens on a free port. `answer` runs on a thread for each connection, which ends when `answer` returns; it
    /// sends status line, headers and body, byte for byte.
    public init(_ answer: @escaping @Sendable (_ request: String, _ send: (String) -> Void) -> Void) throws {
        (listener, port) = try FakeSocket.listening()
        let (listener, requests) = (listener, requests)
        _ = TestThread {
            while let connection = listener.accept() {
                _ = TestThread {
                    guard let head = connection.readHead() else { return }
                    requests.withLock { $0.append(head) }
                    answer(head) { connection.send(Array($0.utf8)) }
                    connection.shutDown()
                }
            }
        }
    }

    deinit { listener.shutDown() }

    /// An answer with status 200.
    public static func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }
}

/// Sends one datagram to a port on the loopback interface, or to a multicast group there.
public func sendDatagram(_ payload: [UInt8], to host: String = "127.0.0.1", port: Int) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var loopback = in_addr(s_addr: UInt32(INADDR_LOOPBACK).bigEndian)
    setsockopt(
        descriptor, Int32(IPPROTO_IP), IP_MULTICAST_IF, &loopback, socklen_t(MemoryLayout<in_addr>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { throw SupportError("no address: \(host)") }
    let count = withUnsafeBytes(of: &address) { bytes in
        sendto(
            descriptor, payload, payload.count, 0, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
            socklen_t(bytes.count))
    }
    guard count == payload.count else { throw SupportError("sendto: errno \(errno)") }
}
