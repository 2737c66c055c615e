// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Notices changes of files by polling. Editors replace files and Kubernetes swaps the folder behind a link, which a
/// watch on one inode would not see.
struct FileWatch {
    private struct Signature: Equatable {
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let paths: Set<String>
    private var last: [String: Signature]
    private var isSettling = false

    init(_ paths: Set<String>) {
        self.paths = paths
        last = Self.signatures(paths)
    }

    /// True when a file changed and then stayed the same between two polls: files that are still being written or
    /// copied are not read yet.
    mutating func hasSettled() -> Bool {
        let now = Self.signatures(paths)
        guard now == last else {
            last = now
            isSettling = true
            return false
        }
        defer { isSettling = false }
        return isSettling
    }

    private static func signatures(_ paths: Set<String>) -> [String: Signature] {
        var signatures: [String: Signature] = [:]
        for path in paths {
            var status = stat()
            guard stat(path, &status) == 0 else { continue }
            signatures[path] = Signature(
                device: status.st_dev, inode: status.st_ino, size: status.st_size,
                seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
        }
        return signatures
    }
}
