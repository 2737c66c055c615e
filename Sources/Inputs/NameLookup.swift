// SPDX-License-Identifier: Apache-2.0
import Glibc
import MQTT
import Machine

/// A socket address of the system: IPv4 or IPv6, with its port.
struct SocketAddress: Sendable {
    let family: Int32
    private let bytes: [UInt8]

    init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// Calls `connect` or `bind` with the address.
    func call(_ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { raw in
            guard let pointer = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return function(descriptor, pointer, socklen_t(raw.count))
        }
    }
}

/// Looks up the addresses of a host. The system's lookup cannot be cancelled, so it runs on a thread of its own, and
/// the caller does not wait for that thread to end.
struct NameLookup {
    let host: String
    let port: UInt16

    /// EAI_NODATA of glibc, which its header shows only with _GNU_SOURCE.
    private static let noAddress: Int32 = -5

    private final class Answer: Sendable {
        let isThere = Wakeup()
        let result = Locked<Result<[SocketAddress], InputFault>?>(nil)
    }

    /// The addresses in the system's order of preference; nil when `ending` was signalled first.
    func addresses(unless ending: Wakeup) -> Result<[SocketAddress], InputFault>? {
        let answer = Answer()
        let lookup = self
        let isStarted = startThread(named: "lookup") {
            let result = lookup.resolve()
            answer.result.withLock { $0 = result }
            answer.isThere.signal()
        }
        guard isStarted else { return .failure(InputFault("\(ThreadShortage())")) }
        var entries = [answer.isThere.descriptor, ending.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        while poll(&entries, 2, -1) < 0, errno == EINTR {}
        return entries[1].revents != 0 ? nil : answer.result.withLock { $0 }
    }

    private func resolve() -> Result<[SocketAddress], InputFault> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            let isUnknown = [EAI_NONAME, Self.noAddress].contains(status)
            return .failure(
                isUnknown
                    ? InputFault("the host's name is not known")
                    : InputFault("the host's name cannot be looked up: \(String(cString: gai_strerror(status)))"))
        }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
                addresses.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
            }
            next = entry.ai_next
        }
        return .success(addresses)
    }
}
