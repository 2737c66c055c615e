// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT

/// A UDP port, alone or in a multicast group.
final class UDPPort: ByteSource {
    /// The maximum size of a datagram in bytes.
    private static let largest = 65_536

    private let settings: UDPSettings
    private let ending = Wakeup()

    init(_ settings: UDPSettings) { self.settings = settings }

    func end() { ending.signal() }

    func read(_ report: (ByteEvent) -> Void) -> InputFault? {
        // Without it `end()` could not end the reading.
        guard ending.descriptor >= 0 else { return InputFault("no file descriptor is left", EMFILE) }
        do throws(InputFault) {
            let socket = try UDPSocket(settings)
            report(.opened("listening to \(settings.place)"))
            return receive(on: socket, report)
        } catch {
            return error
        }
    }

    private func receive(on socket: borrowing UDPSocket, _ report: (ByteEvent) -> Void) -> InputFault? {
        var buffer = [UInt8](repeating: 0, count: Self.largest)
        while true {
            var entries = [
                pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ending.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            if poll(&entries, 2, -1) < 0, errno != EINTR { return InputFault("poll", errno) }
            if entries[1].revents != 0 { return nil }
            guard entries[0].revents != 0 else { continue }
            var from = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let count = withUnsafeMutableBytes(of: &from) { bytes in
                recvfrom(
                    socket.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT),
                    bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &length)
            }
            if count < 0 {
                if [EAGAIN, EWOULDBLOCK, EINTR, ECONNREFUSED].contains(errno) { continue }
                return InputFault("receiving", errno)
            }
            if let sender = settings.sender, UInt32(bigEndian: from.sin_addr.s_addr) != sender.number { continue }
            if count > 0 { report(.message(Array(buffer[..<count]), received: .now)) }
        }
    }
}

/// A bound UDP socket, closed after its last use: a reload may give its port to another source at once.
struct UDPSocket: ~Copyable {
    let descriptor: Int32

    /// Binds, and joins the group.
    init(_ settings: UDPSettings) throws(InputFault) {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw InputFault("no socket", errno) }
        if let group = settings.group {
            // Other programs of this host may listen to the same group.
            try set(SOL_SOCKET, SO_REUSEADDR, Int32(1), "cannot share the port")
            // By default Linux delivers to a socket the datagrams of every group that any program on the host has
            // joined.
            try set(Int32(IPPROTO_IP), IP_MULTICAST_ALL, Int32(0), "cannot choose the group")
            var membership = ip_mreqn()
            membership.imr_multiaddr.s_addr = group.number.bigEndian
            if let interface = settings.interface {
                if let address = IPv4Address(interface) {
                    membership.imr_address.s_addr = address.number.bigEndian
                } else {
                    let index = if_nametoindex(interface)
                    guard index > 0 else { throw InputFault("there is no network interface \"\(interface)\"") }
                    membership.imr_ifindex = Int32(clamping: index)
                }
            }
            try bind(to: group, port: settings.port)
            guard
                setsockopt(
                    descriptor, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, &membership,
                    socklen_t(MemoryLayout<ip_mreqn>.size)) == 0
            else {
                if errno == ENODEV {
                    throw InputFault("no network interface has a route to \(group): name one with \"interface\"")
                }
                throw InputFault("cannot join \(group)", errno)
            }
        } else {
            let address = settings.interface.flatMap { IPv4Address($0) } ?? IPv4Address(number: INADDR_ANY)
            if let interface = settings.interface, IPv4Address(interface) == nil {
                let status = setsockopt(
                    descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface, socklen_t(interface.utf8.count))
                guard status == 0 else { throw InputFault("cannot listen on \(interface)", errno) }
            }
            try bind(to: address, port: settings.port)
        }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32, _ what: String) throws(InputFault) {
        var value = value
        guard setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw InputFault(what, errno)
        }
    }

    private func bind(to address: IPv4Address, port: UInt16) throws(InputFault) {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = address.number.bigEndian
        let status = withUnsafeBytes(of: &name) { bytes -> Int32 in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return Glibc.bind(descriptor, pointer, socklen_t(bytes.count))
        }
        guard status == 0 else { throw InputFault("cannot listen on port \(port)", errno) }
    }
}
