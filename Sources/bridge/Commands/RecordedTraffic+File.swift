// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Machine
import PlugTest

extension RecordedTraffic {
    /// Bytes of a recording, which is worked on in memory: days of a meter that sends every second.
    static let limit = 512 << 20

    /// The bytes in a file, for a command: why they cannot be read is told, and ends the command.
    static func bytes(path: String) throws(ExitCode) -> Data {
        do throws(BoundedFile.Fault) { return try BoundedFile.read(input: path, limit: limit) } catch {
            StandardError.line(Terminal.escaped(error.sentence(path, limit: limit)))
            throw .faults
        }
    }

    /// The recording in a file, for a command: what is wrong with it is told, and ends the command.
    static func read(path: String) throws(ExitCode) -> RecordedTraffic {
        let bytes = try bytes(path: path)
        do throws(Malformed) { return try RecordedTraffic(bytes) } catch {
            StandardError.line(Terminal.escaped("\(path): \(error)"))
            throw .faults
        }
    }
}
