// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The answer of an HTTP server.
public struct HTTPAnswer: Sendable, Equatable {
    /// The status code, such as 200.
    public var status: Int
    /// The headers, with names in lower case.
    public var headers: [String: String]
    /// The body as sent.
    public var body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Parses the head and the body; nil for bytes that are not an answer.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        self.status = status
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        body = Array(bytes[end.upperBound...])
    }
}

/// A connection to an HTTP server on the loopback interface on which the test controls every byte.
public final class HTTPConnection: Sendable {
    private let descriptor: Int32

    /// Connects.
    ///
    /// - Parameter receiveBuffer: number of unread bytes that the system may keep.
    public init(port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = Loopback.makeSocket()
        if var receiveBuffer {
            let size = socklen_t(MemoryLayout<Int32>.size)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, size)
        }
        guard Loopback.call(connect, descriptor, port: port) == 0 else {
            let code = errno
            close(descriptor)
            throw SupportError("cannot connect to port \(port): errno \(code)")
        }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false when the other side has hung up.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends text; false when the other side has hung up.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Reads until a text has arrived; false when it does not arrive in time.
    public func receive(until text: String, seconds: Double = 15) -> Bool {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var rest = Int32(seconds * 1000)
        while rest > 0 {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard Glibc.poll(&poll, 1, min(rest, 100)) > 0 else {
                rest -= 100
                continue
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            bytes += buffer[..<count]
            if bytes.firstRange(of: Array(text.utf8)) != nil { return true }
        }
        return false
    }

    /// Everything until the other side hangs up; nil when it does not in time.
    public func receiveAll(seconds: Double = 15) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var rest = Int32(seconds * 1000)
        while rest > 0 {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // In slices of time: trickling data does not extend the limit.
            if poll(&entry, 1, min(rest, 50)) == 0 {
                rest -= 50
                continue
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
        return nil
    }

    /// Waits without reading until the other side hangs up; false when it does not in time.
    public func waitForEnd(seconds: Double) -> Bool {
        // POLLRDHUP, which the header hides: poll(2) reports it even while earlier data is unread.
        let hangUp: Int16 = 0x2000
        var entry = pollfd(fd: descriptor, events: hangUp, revents: 0)
        return poll(&entry, 1, Int32(seconds * 1000)) > 0
    }
}

/// Sends one request on a connection of its own.
///
/// - Throws: when the connection fails, or no answer arrives in time.
public func http(_ target: String, port: Int, method: String = "GET", headers: [String] = []) throws -> HTTPAnswer {
    let connection = try HTTPConnection(port: port)
    let lines = ["\(method) \(target) HTTP/1.1", "Host: localhost:\(port)", "Connection: close"] + headers + ["", ""]
    connection.send(lines.joined(separator: "\r\n"))
    guard let bytes = connection.receiveAll(), let answer = HTTPAnswer(bytes) else {
        throw SupportError("no answer to \(method) \(target)")
    }
    return answer
}
