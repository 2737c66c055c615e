// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The process's file descriptors.
package enum Descriptors {
    /// Descriptors that every command needs; `run` needs more.
    package static let least = 16

    /// Opens those of the first three that are closed: otherwise the next socket would get the number, and the log
    /// would be written into a connection. Reading and writing them still fails.
    package static func fillStandard() {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one.
            _ = open("/dev/null", mode)
        }
    }

    /// How many more can be opened; counted to 4096, which is more than any command needs.
    package static func free() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        var entries = (0..<Int32(min(limit.rlim_cur, 4096))).map { pollfd(fd: $0, events: 0, revents: 0) }
        // One call for all: an entry that is not open is reported as invalid.
        guard poll(&entries, nfds_t(entries.count), 0) >= 0 else { return 0 }
        return entries.count { $0.revents & Int16(POLLNVAL) != 0 }
    }

    /// Why a program with so few descriptors cannot work; nil when there are enough.
    package static func shortage(of needed: Int) -> String? {
        let free = free()
        guard free < needed else { return nil }
        return
            "\(free) file descriptors are left, and \(needed) are needed: raise the limit (ulimit -n 1024, LimitNOFILE=)"
    }
}
