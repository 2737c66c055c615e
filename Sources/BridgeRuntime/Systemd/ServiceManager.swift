// SPDX-License-Identifier: Apache-2.0
import Glibc

/// systemd's end of the notification socket (sd_notify(3)), spoken without libsystemd: a datagram of `NAME=VALUE` lines.
///
/// A message that cannot be sent is dropped: a bridge is never held up by who watches it.
package final class ServiceManager: Sendable {
    /// How often the manager wants a sign of life; nil: it does not watch.
    let watchdogInterval: Duration?
    private let descriptor: Int32
    /// What `sun_path` holds, a leading zero for an abstract address.
    private let path: [UInt8]

    /// Nil when nobody listens: no `NOTIFY_SOCKET`, or an address that is neither a path nor abstract.
    package init?(environment: [String: String]) {
        guard let address = environment["NOTIFY_SOCKET"], let first = address.utf8.first else { return nil }
        var path = Array(address.utf8)
        switch first {
        case UInt8(ascii: "/"): break
        case UInt8(ascii: "@"): path[0] = 0
        default: return nil
        }
        guard path.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        // The variables are inherited by children, whose watchdog this is not.
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap { isOurs && $0 > 0 ? .microseconds($0) : nil }
    }

    deinit { close(descriptor) }

    /// The service works.
    func ready(status: String) { send(["READY=1", "STATUS=\(status)"]) }

    /// One line that `systemctl status` shows.
    func status(_ text: String) { send(["STATUS=\(text)"]) }

    /// A sign of life.
    func alive() { send(["WATCHDOG=1"]) }

    /// The service ends because it was told to.
    func stopping() { send(["STOPPING=1", "STATUS=finishing what was taken"]) }

    /// The configuration is being read again; `ready` ends it. The manager compares the time with that of its request.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"])
    }

    private func send(_ lines: [String]) {
        // A line break in a status would begin another assignment.
        let message = Array(lines.map { $0.replacing("\n", with: " ") }.joined(separator: "\n").utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // An abstract name ends where the length says, a path with a zero.
        let length = MemoryLayout<sa_family_t>.size + path.count + (path.first == 0 ? 0 : 1)
        withUnsafeBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            _ = sendto(descriptor, message, message.count, flags, pointer, socklen_t(length))
        }
    }
}
