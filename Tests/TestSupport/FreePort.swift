// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A TCP port of the loopback that nothing listens on now, and that no other call of this process gets.
///
/// The kernel gives its own choice, for port 0, to an outgoing connection as well, as soon as it is free for a moment: before a
/// server listens, and while a broker is being started again. So the port lies below those that it chooses.
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

/// True when something accepts connections on this port of the loopback.
func accepts(port: Int) -> Bool {
    let descriptor = Loopback.makeSocket()
    defer { close(descriptor) }
    return Loopback.call(connect, descriptor, port: port) == 0
}
