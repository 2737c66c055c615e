// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// A TCP port of the loopback that nothing listens on now.
public func freePort() throws -> Int {
    let descriptor = Loopback.makeSocket()
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &address) { bytes -> Int32 in
        let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
        guard let pointer, bind(descriptor, pointer, length) == 0 else { return -1 }
        return getsockname(descriptor, pointer, &length)
    }
    guard status == 0 else { throw SupportError("no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// True when something accepts connections on this port of the loopback.
func accepts(port: Int) -> Bool {
    let descriptor = Loopback.makeSocket()
    defer { close(descriptor) }
    return Loopback.call(connect, descriptor, port: port) == 0
}
