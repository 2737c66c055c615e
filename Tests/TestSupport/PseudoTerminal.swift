// SPDX-License-Identifier: Apache-2.0
internal import Foundation
internal import Glibc

/// A pair of pseudo terminals behind a name, as a serial adapter has one below /dev/serial/by-id: what is written here can be read
/// there.
public final class PseudoTerminal: Sendable {
    /// The name that programs open; a symbolic link, as udev makes it.
    public let path: String
    private let master: Monitor<Int32>
    /// TIOCSPTLCK and TIOCGPTN of Linux.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// Plugs it in.
    public init(at path: String) throws {
        self.path = path
        master = Monitor(-1)
        try plugIn()
    }

    deinit { unplug() }

    /// Makes the pair and its name.
    public func plugIn() throws {
        unplug()
        // What posix_openpt, unlockpt and ptsname do; the headers hide them without _GNU_SOURCE.
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

    /// Takes pair and name away: whoever reads it sees its end.
    public func unplug() {
        let descriptor = master.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        guard descriptor >= 0 else { return }
        unlink(path)
        close(descriptor)
    }

    /// Writes all of it, as fast as it is read.
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
