// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer

/// The file that a recording grows in. Each message is handed to the system as soon as it came, in one piece: whatever ends the
/// program, all lines but the last are whole.
final class TrafficFile {
    private let descriptor: Int32
    private let path: String

    /// Why nothing can be written, in words.
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    /// Makes the file, for its owner's eyes only: it tells when somebody is at home.
    ///
    /// - Parameters:
    ///   - path: `-` for standard output.
    ///   - replaces: true to empty a file that is there; otherwise that is a fault.
    init(_ path: String, replaces: Bool) throws(Fault) {
        self.path = path
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL), 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == EEXIST { throw Fault(description: "\(path) exists already: name another file, or --force") }
            throw Fault(description: "cannot write \(path): \(String(cString: strerror(reason)))")
        }
    }

    deinit {
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    func append(_ message: RawMessage) throws(Fault) {
        var line = RecordedTraffic.line(message)[...]
        while !line.isEmpty {
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                let reason = errno
                if reason == EINTR { continue }
                throw Fault(description: "cannot write \(path): \(String(cString: strerror(reason)))")
            }
            line = line.dropFirst(count)
        }
    }
}
