// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// Reads a file to its end or to a limit, whatever size the system reports: for a pipe, a device, or a file in /proc it
/// reports 0.
package enum BoundedFile {
    package enum Fault: Error, Equatable {
        /// The file is larger than the limit.
        case tooLarge
        /// A pipe or a device, where only a file is allowed.
        case isNoFile
        /// errno.
        case unreadable(Int32)
    }

    /// Reads a file that is read again at each reload; it never blocks.
    package static func read(file path: String, limit: Int) throws(Fault) -> Data {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else { throw .unreadable(EISDIR) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .isNoFile }
        return try read(descriptor, limit: limit)
    }

    /// Reads an input of a command once, which may be a pipe: `<(zcat recording.jsonl.gz)`.
    package static func read(input path: String, limit: Int) throws(Fault) -> Data {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(errno) }
        defer { close(descriptor) }
        return try read(descriptor, limit: limit)
    }

    package static func read(_ descriptor: Int32, limit: Int) throws(Fault) -> Data {
        var bytes = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw .unreadable(errno)
            }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= limit else { throw .tooLarge }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}

extension BoundedFile.Fault {
    /// The error as a sentence; `name` is that of the file, or of its purpose.
    package func sentence(_ name: String, limit: Int) -> String {
        switch self {
        case .tooLarge: "\(name) is larger than \(limit >> 20) MB"
        case .isNoFile: "cannot read \(name): it is a pipe or a device"
        case .unreadable(let code): "cannot read \(name): \(UnreadableFile.words(code))"
        }
    }
}
