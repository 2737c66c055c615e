// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// TCP on 127.0.0.1.
enum Loopback {
    /// A socket that no child process inherits.
    static func makeSocket() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0) }

    /// A listening socket and its port. The port is tested by listening on it: between choosing a free port and
    /// listening on it another program could take it.
    static func listening(
        _ bound: (_ port: Int) -> (descriptor: Int32, Bool) = boundOnIPv4
    ) throws -> (descriptor: Int32, port: Int) {
        for _ in 0..<20 {
            let port = try freePort()
            let (descriptor, isBound) = bound(port)
            if isBound, listen(descriptor, 16) == 0 { return (descriptor, port) }
            let error = errno
            close(descriptor)
            guard error == EADDRINUSE else { throw SupportError("cannot listen: errno \(error)") }
        }
        throw SupportError("cannot listen: twenty ports that were free were taken")
    }

    private static func boundOnIPv4(_ port: Int) -> (descriptor: Int32, Bool) {
        let descriptor = makeSocket()
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return (descriptor, call(bind, descriptor, port: port) == 0)
    }

    /// Calls `bind` or `connect` with the address of a port.
    static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, port: Int
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
