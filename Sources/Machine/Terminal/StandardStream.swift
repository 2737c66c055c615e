// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Writes to a terminal, a pipe, or a file on a disk that may be full. Foundation's `FileHandle` ends the program when
/// that fails, and `print` does not report it.
package enum StandardStream {
    /// An error of writing.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        /// `standard output`, or a path.
        package var place: String
        /// errno.
        package var code: Int32

        package var description: String { "cannot write \(place): \(String(cString: strerror(code)))" }

        /// Creates the error.
        package init(place: String, code: Int32) {
            self.place = place
            self.code = code
        }
    }

    /// Writes everything, also when the system takes only part of it at a time, and waits for a descriptor that is
    /// full.
    ///
    /// - Returns: the number of bytes written, and the error that stopped writing; 0 when all were written.
    package static func write(_ text: String, to descriptor: Int32) -> (count: Int, error: Int32) {
        var text = text
        return text.withUTF8 { write(UnsafeRawBufferPointer($0), to: descriptor) }
    }

    package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> (count: Int, error: Int32) {
        var written = 0
        while written < bytes.count, let start = bytes.baseAddress {
            let count = Glibc.write(descriptor, start + written, bytes.count - written)
            if count > 0 {
                written += count
                continue
            }
            switch count == 0 ? EIO : errno {
            case EINTR: continue
            // Another process that shares the descriptor made it non-blocking: a terminal has one file for input,
            // output and errors.
            case EAGAIN: wait(descriptor)
            case let code: return (written, code)
            }
        }
        return (written, 0)
    }

    private static func wait(_ descriptor: Int32) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
    }
}

/// The output of a command. When it cannot be written the command has failed: `Bridge` ends with exit code 74.
package enum StandardOutput {
    package static let name = "standard output"

    package static func print(_ text: String, terminator: String = "\n") throws(StandardStream.Fault) {
        let error = StandardStream.write(text + terminator, to: STDOUT_FILENO).error
        guard error == 0 else { throw StandardStream.Fault(place: name, code: error) }
    }

    /// Throws when the reader of the output has ended (`| head -1`), for a command that may have nothing to write for
    /// hours.
    package static func checkReader() throws(StandardStream.Fault) {
        var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
        guard poll(&entry, 1, 0) > 0, entry.revents & Int16(POLLERR) != 0 else { return }
        throw StandardStream.Fault(place: name, code: EPIPE)
    }
}

/// Messages beside the output: errors, progress. A line that cannot be written is ignored.
package enum StandardError {
    package static func line(_ text: String) { write(text + "\n") }

    package static func write(_ text: String) { _ = StandardStream.write(text, to: STDERR_FILENO) }
}
