// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer
import Machine

/// The file that a recording grows in. Each message is handed to the system as soon as it came, in one piece: whatever ends the
/// program, all lines but the last are whole.
package final class TrafficFile {
    private let descriptor: Int32
    private let path: String

    /// Why nothing can be written, in words.
    package struct Fault: Error, CustomStringConvertible {
        package var description: String
        /// True when it was standard output that could not be written.
        package var isOfStandardOutput = false
    }

    /// Makes the file, for its owner's eyes only: it tells when somebody is at home.
    ///
    /// - Parameters:
    ///   - path: `-` for standard output.
    ///   - replaces: true to empty a file that is there; otherwise that is a fault.
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

    /// For a recording that may have nothing to write for hours: throws when whoever read it has gone.
    package func checkReader() throws(Fault) {
        guard isStandard else { return }
        do throws(StandardStream.Fault) { try StandardOutput.checkReader() } catch { throw fault(error) }
    }

    private var isStandard: Bool { descriptor == STDOUT_FILENO }

    private func fault(_ fault: StandardStream.Fault) -> Fault {
        Fault(description: fault.description, isOfStandardOutput: isStandard)
    }
}
