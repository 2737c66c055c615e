// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// The receiver of systemd's notification socket: a datagram socket that records the messages.
public final class FakeServiceManager: Sendable {
    /// The value of `NOTIFY_SOCKET` for a service.
    public let address: String
    /// All messages, as their lines.
    public let messages = Monitor<[[String]]>([])
    private let descriptor: Int32
    private let directory: TemporaryDirectory

    /// Listens on a path, or on an abstract address as systemd does in containers.
    public init(isAbstract: Bool) throws {
        directory = try TemporaryDirectory()
        let name = "\(directory.path)/notify"
        address = isAbstract ? "@\(name)" : name
        let bytes = (isAbstract ? [0] : []) + Array(name.utf8)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1)
        let status = withUnsafeBytes(of: &address) { bytes -> Int32 in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return bind(descriptor, pointer, socklen_t(length))
        }
        guard status == 0 else { throw SupportError("cannot bind \(name): errno \(errno)") }
        let messages = messages
        _ = TestThread {
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                // Reading a shut-down socket returns nothing, and no message is empty.
                guard count > 0 else { break }
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                messages.withLock { $0.append(text.split(separator: "\n").map(String.init)) }
            }
            close(descriptor)
        }
    }

    deinit { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Waits for a message with this line.
    public func wait(seconds: Double = 15, for line: String) -> Bool {
        wait(seconds: seconds) { $0.contains { $0.contains(line) } }
    }

    /// Waits until the messages satisfy the predicate.
    public func wait(seconds: Double = 15, until predicate: ([[String]]) -> Bool) -> Bool {
        messages.wait(seconds: seconds, until: predicate)
    }
}
