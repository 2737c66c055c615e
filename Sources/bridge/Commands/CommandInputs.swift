// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import Machine
import PlugTest

// The inputs of commands: configurations, files and recordings. A fault in one of them is printed and ends the command.

extension ConfigurationPath {
    /// The configuration file of a command that needs one.
    ///
    /// - Throws: a sentence with the commands to type, when there is no file.
    static func required(_ named: String?, otherwise exitCode: ExitCode = .faults) throws(CommandFailure) -> String {
        if let path = find(named) { return path }
        throw CommandFailure(
            "no configuration: there is no \(local) in this folder and no \(service); name one with --config FILE, "
                + "or type obis-bridge setup to make one", exitCode)
    }
}

extension ConfigurationLoader {
    /// The configuration of a file. Prints every mistake and warning of the file.
    ///
    /// - Throws: `faults` when the configuration is not usable.
    func required(path: String) throws(ExitCode) -> Configuration { try required(load(path: path)) }

    /// The same for a configuration that this loader has already loaded.
    func required(_ loaded: Configuration?, otherwise exitCode: ExitCode = .faults) throws(ExitCode) -> Configuration {
        problems.report()
        guard let loaded else { throw exitCode }
        return loaded
    }
}

extension ProblemList {
    /// Prints the problems to standard error, one per line, in the format of compilers.
    func report() {
        for problem in sorted { StandardError.line(Terminal.escaped("\(problem)")) }
    }
}

extension TimeSpan {
    /// Checks the value of an option; nil is not given.
    ///
    /// - Throws: a sentence with examples, when the value is not a time span.
    static func validate(_ text: String?, of option: String, like examples: String) throws {
        guard let text, TimeSpan(text) == nil else { return }
        throw ValidationError("\(option) is a time span such as \(examples), not \"\(text)\".")
    }
}

extension BoundedFile {
    /// The bytes of a file; `-` is standard input.
    static func required(_ path: String, limit: Int) throws(CommandFailure) -> Data {
        do throws(Fault) {
            return try path == "-" ? read(STDIN_FILENO, limit: limit) : read(input: path, limit: limit)
        } catch {
            throw CommandFailure(error.sentence(name(path), limit: limit))
        }
    }

    /// What a file is called in sentences.
    static func name(_ path: String) -> String { path == "-" ? "standard input" : path }
}

extension RecordedTraffic {
    /// The largest recording in bytes, because commands keep it in memory: days of a meter that sends every second.
    static let limit = 512 << 20

    /// The recording in a file. Prints a note when the last line is cut off.
    static func required(path: String) throws(CommandFailure) -> RecordedTraffic {
        try required(BoundedFile.required(path, limit: limit), name: BoundedFile.name(path))
    }

    /// The recording in some bytes.
    ///
    /// - Parameter name: the name of the recording in sentences.
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

    /// The messages of the readers, without the marks of the listener.
    ///
    /// - Throws: when there is no message.
    func requiredMessages(name: String) throws(CommandFailure) -> [RawMessage] {
        let messages = messages.filter { !Self.isMark($0.topic) }
        guard !messages.isEmpty else { throw CommandFailure("\(name): there is no message in it") }
        return messages
    }
}
