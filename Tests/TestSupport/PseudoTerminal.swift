// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc

/// A pair of pseudo terminals with a stable name, like a serial adapter below /dev/serial/by-id: bytes written to it
/// can be read there.
public final class PseudoTerminal: Sendable {
    /// The name that programs open; a symbolic link, like those of udev.
    public let path: String
    private let master: Monitor<Int32>
    /// TIOCSPTLCK and TIOCGPTN of Linux.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// Creates the terminal and plugs it in.
    public init(at path: String) throws {
        self.path = path
        master = Monitor(-1)
        try plugIn()
    }

    deinit { unplug() }

    /// Creates the pair and its name.
    public func plugIn() throws {
        unplug()
        // The equivalent of posix_openpt, unlockpt and ptsname, which the headers hide without _GNU_SOURCE.
        let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var lock: Int32 = 0
        var number: Int32 = -1
        guard descriptor >= 0, ioctl(descriptor, Self.setLock, &lock) == 0,
            ioctl(descriptor, Self.getNumber, &number) == 0
        else { throw SupportError("no pseudo terminal: errno \(errno)") }
        let name = "/dev/pts/\(number)"
        guard symlink(name, path) == 0 else { throw SupportError("no link \(path): errno \(errno)") }
        master.withLock { $0 = descriptor }
    }

    /// Removes pair and name: a reader sees the end of the port.
    public func unplug() {
        let descriptor = master.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        guard descriptor >= 0 else { return }
        unlink(path)
        close(descriptor)
    }

    /// Writes all bytes, as fast as they are read.
    public func write(_ bytes: [UInt8]) {
        let descriptor = master.value
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { raw in
                Glibc.write(descriptor, raw.baseAddress.map { $0 + sent }, bytes.count - sent)
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Writes a text.
    public func write(_ text: String) { write(Array(text.utf8)) }
}
