// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import Machine
import PlugTest

// What commands read: configurations, files and recordings. What is wrong with them is told, and ends the command.

extension ConfigurationPath {
    /// The file of a command that cannot do without: where there is none it says what to type, and ends with `exitCode`.
    static func required(_ named: String?, otherwise exitCode: ExitCode = .faults) throws(CommandFailure) -> String {
        if let path = find(named) { return path }
        throw CommandFailure(
            "no configuration: there is no \(local) in this folder and no \(service); name one with --config FILE, "
                + "or type obis-bridge setup to make one", exitCode)
    }
}

extension ConfigurationLoader {
    /// The configuration of a file, after every mistake of it was printed.
    func required(path: String) throws(ExitCode) -> Configuration { try required(load(path: path)) }

    func required(_ loaded: Configuration?, otherwise exitCode: ExitCode = .faults) throws(ExitCode) -> Configuration {
        problems.report()
        guard let loaded else { throw exitCode }
        return loaded
    }
}

extension ProblemList {
    /// Prints the mistakes of configuration files to standard error, one a line as compilers do.
    func report() {
        for problem in sorted { StandardError.line(Terminal.escaped("\(problem)")) }
    }
}

extension BoundedFile {
    /// The bytes of a file, or of standard input where the command line says `-`.
    static func required(_ path: String, limit: Int) throws(CommandFailure) -> Data {
        let isStandard = path == "-"
        do throws(Fault) {
            return try isStandard ? read(STDIN_FILENO, limit: limit) : read(input: path, limit: limit)
        } catch {
            throw CommandFailure(error.sentence(isStandard ? "standard input" : path, limit: limit))
        }
    }
}

extension RecordedTraffic {
    /// Bytes of a recording, which is worked on in memory: days of a meter that sends every second.
    static let limit = 512 << 20

    /// The recording in a file; a last line that is cut off is told.
    static func required(path: String) throws(CommandFailure) -> RecordedTraffic {
        try required(BoundedFile.required(path, limit: limit), name: path)
    }

    /// - Parameter name: what the bytes are called in sentences.
    static func required(_ bytes: Data, name: String) throws(CommandFailure) -> RecordedTraffic {
        do throws(Malformed) {
            let recording = try RecordedTraffic(bytes)
            if recording.isCut {
                StandardError.line(Terminal.escaped("\(name): the last line is cut off, and left out"))
            }
            return recording
        } catch {
            throw CommandFailure("\(name): \(error)")
        }
    }

    /// What readers sent, without the marks of the listener.
    ///
    /// - Throws: where that is nothing.
    func requiredMessages(name: String) throws(CommandFailure) -> [RawMessage] {
        let messages = messages.filter { !Self.isMark($0.topic) }
        guard !messages.isEmpty else { throw CommandFailure("\(name): there is no message in it") }
        return messages
    }
}
