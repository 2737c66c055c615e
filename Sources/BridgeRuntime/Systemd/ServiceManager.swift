// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Sends notifications to systemd (sd_notify(3)) without libsystemd: datagrams of `NAME=VALUE` lines.
///
/// A message that cannot be sent is dropped, so that systemd never blocks the bridge.
package final class ServiceManager: Sendable {
    /// The watchdog's interval; nil without a watchdog.
    let watchdogInterval: Duration?
    private let descriptor: Int32
    /// The content of `sun_path`, with a leading zero for an abstract address.
    private let path: [UInt8]

    /// Nil without a service manager: no `NOTIFY_SOCKET`, or an address that is neither a path nor abstract.
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
        // Children inherit the variables, but the watchdog is for one process.
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap { isOurs && $0 > 0 ? .microseconds($0) : nil }
    }

    deinit { close(descriptor) }

    /// Reports that the service works.
    func ready(status: String) { send(["READY=1", "STATUS=\(status)"]) }

    /// Sets the line that `systemctl status` shows.
    func status(_ text: String) { send(["STATUS=\(text)"]) }

    /// Resets the watchdog.
    func alive() { send(["WATCHDOG=1"]) }

    /// Reports that the service is stopping on request.
    func stopping() { send(["STOPPING=1", "STATUS=finishing the messages already received"]) }

    /// Reports that the configuration is being read again; `ready` ends it. systemd compares the time with that of its
    /// request.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"])
    }

    private func send(_ lines: [String]) {
        // A line break in a status would start another assignment.
        let message = Array(lines.map { $0.replacing("\n", with: " ") }.joined(separator: "\n").utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // The length ends an abstract name; a zero ends a path.
        let length = MemoryLayout<sa_family_t>.size + path.count + (path.first == 0 ? 0 : 1)
        withUnsafeBytes(of: &address) { bytes in
            guard let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            _ = sendto(descriptor, message, message.count, flags, pointer, socklen_t(length))
        }
    }
}
