// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer
import Machine

/// The file to which a recording is written. Each message is written as it comes, in one call: however the program
/// ends, all lines but the last are complete.
package final class TrafficFile {
    private let descriptor: Int32
    private let path: String

    /// Why the file cannot be written, as a sentence.
    package struct Fault: Error, CustomStringConvertible {
        package var description: String
        /// True when standard output could not be written.
        package var isOfStandardOutput = false
    }

    /// Creates the file, readable by its owner only: a recording shows when people are at home.
    ///
    /// - Parameters:
    ///   - path: `-` for standard output.
    ///   - replaces: true to replace an existing file; otherwise an existing file is a fault.
    package init(_ path: String, replaces: Bool) throws(Fault) {
        self.path = path
        guard path != "-" else {
            descriptor = STDOUT_FILENO
            return
        }
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL), 0o600)
        guard descriptor >= 0 else {
            let reason = errno
            if reason == EEXIST { throw Fault(description: "\(path) exists already: name another file, or --force") }
            throw Fault(description: StandardStream.Fault(place: path, code: reason).description)
        }
    }

    deinit {
        if descriptor != STDOUT_FILENO { close(descriptor) }
    }

    package func append(_ message: RawMessage) throws(Fault) {
        let error = RecordedTraffic.line(message).withUnsafeBytes { StandardStream.write($0, to: descriptor).error }
        guard error != 0 else { return }
        throw fault(StandardStream.Fault(place: isStandard ? StandardOutput.name : path, code: error))
    }

    /// Throws when the reader of standard output has gone; for recordings that may have nothing to write for hours.
    package func checkReader() throws(Fault) {
        guard isStandard else { return }
        do throws(StandardStream.Fault) { try StandardOutput.checkReader() } catch { throw fault(error) }
    }

    private var isStandard: Bool { descriptor == STDOUT_FILENO }

    private func fault(_ fault: StandardStream.Fault) -> Fault {
        Fault(description: fault.description, isOfStandardOutput: isStandard)
    }
}
