// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// A tmpfs of a few pages, mounted in a private folder; it is unmounted with this object.
public final class SmallDisk: Sendable {
    private let directory: TemporaryDirectory

    /// Its folder.
    public var path: String { directory.path }

    /// False where mounting is not possible: only an administrator can mount, and not in every container.
    public static let isAvailable: Bool = (try? SmallDisk(kilobytes: 64)) != nil

    /// Mounts it, empty.
    public init(kilobytes: Int) throws {
        directory = try TemporaryDirectory()
        let mount = try ChildProcess("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", directory.path])
        guard mount.wait() == 0 else { throw SupportError("\(mount.output.value.lines)") }
    }

    deinit { _ = try? ChildProcess("umount", [directory.path]).wait() }

    /// Fills the free space.
    public func fill() throws {
        let descriptor = open("\(path)/filler-\(UInt32.random(in: 0 ... .max))", O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw SupportError("nothing to fill it with: errno \(errno)") }
        defer { close(descriptor) }
        let page = [UInt8](repeating: 0, count: 512)
        while write(descriptor, page, page.count) > 0 {}
    }
}
