// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A TCP port on the loopback interface that is not in use, and that no other call in this process returns.
///
/// For port 0 the kernel may give the same port to an outgoing connection, as soon as it is free for a moment: before a
/// server listens, or while a broker is restarted. So the port is below the kernel's range.
public func freePort() throws -> Int {
    for _ in 0..<1000 {
        let port = nextPort.withLock { port in
            port = port < 31_999 ? port + 1 : 12_000
            return port
        }
        let descriptor = Loopback.makeSocket()
        defer { close(descriptor) }
        if Loopback.call(bind, descriptor, port: port) == 0 { return port }
    }
    throw SupportError("no free port: errno \(errno)")
}

private let nextPort = Monitor(Int.random(in: 12_000..<32_000))

/// True when a server accepts connections on this port of the loopback interface.
func accepts(port: Int) -> Bool {
    let descriptor = Loopback.makeSocket()
    defer { close(descriptor) }
    return Loopback.call(connect, descriptor, port: port) == 0
}
