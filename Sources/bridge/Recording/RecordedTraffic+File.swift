// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation

extension RecordedTraffic {
    /// The recording in a file, for a command: what is wrong with it is told, and ends the command.
    static func read(path: String) throws(ExitCode) -> RecordedTraffic {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            Problems.print(error: Terminal.escaped(UnreadableFile.sentence(path)))
            throw .faults
        }
        do throws(Malformed) { return try RecordedTraffic(bytes) } catch {
            Problems.print(error: Terminal.escaped("\(path): \(error)"))
            throw .faults
        }
    }
}
