// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Ensures that only one process writes a history. It is a separate file, because closing any descriptor of the
/// database would drop SQLite's locks (https://www.sqlite.org/howtocorrupt.html, section 2.2).
final class FileLock {
    private let descriptor: Int32

    init(_ path: String) throws(DatabaseError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw DatabaseError(errno: errno) }
        // A process that is just ending may hold the lock for a moment.
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(10_000)
        }
        close(descriptor)
        throw DatabaseError(code: 5, message: "another process writes it", sql: nil)
    }

    deinit { close(descriptor) }
}

/// The identity of the file at a path.
struct FilePlace: Equatable {
    private let device: dev_t
    private let number: ino_t

    /// nil when there is no file.
    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        device = facts.st_dev
        number = facts.st_ino
    }
}

extension DatabaseError {
    /// A system error, as SQLite's "cannot open".
    init(errno code: Int32) { self.init(code: 14, message: String(cString: strerror(code)), sql: nil) }
}
