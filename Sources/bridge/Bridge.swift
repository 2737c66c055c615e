// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import Machine
import PlugTest

/// The command `obis-bridge`.
@main
struct Bridge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "obis-bridge",
        abstract: "The MQTT bridge that makes every smart meter speak the same language.",
        discussion: """
            Subscribes to what smart-meter readers publish, turns every message into readings keyed by OBIS code with exact \
            values, fixed units, a trustworthy time and a stable meter id, and publishes them as one documented profile.

            Exit codes: 0 ok; 1 check, convert, test or plugtest found faults; 2 plugtest could not observe everything; 64 usage; 69 broker unreachable in a one-shot command; \
            71 too few file descriptors; 74 standard output cannot be written; 78 run cannot start; 79 the bridge is running already.
            """,
        version: Program.version,
        subcommands: [
            RunCommand.self, CheckCommand.self, ConvertCommand.self, TestCommand.self, DiscoverCommand.self,
            SetupCommand.self, WatchCommand.self, RecordCommand.self, ReplayCommand.self,
            PlugTestCommand.self, LearnListCommand.self, SchemaCommand.self, DemoCommand.self, AcceptCommand.self,
            ForgetCommand.self, HistoryCommand.self,
        ])

    static func main() async {
        prepare()
        do {
            if let word = CommandLine.arguments.dropFirst().first, let sentence = misspelt(word) {
                throw CommandFailure(sentence, .validationFailure)
            }
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Replaces defaults of the system that would end the program without a word when a pipe has no reader or a file
    /// may not grow, and would give the number of a closed standard error to a socket.
    private static func prepare() {
        for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
        Descriptors.fillStandard()
        guard let shortage = Descriptors.shortage(of: Descriptors.least) else { return }
        end(with: CommandFailure("Error: \(shortage)", .system))
    }

    /// Ends the program like the parser, which does not report that the help cannot be printed.
    private static func end(with error: any Error) -> Never {
        do throws(StandardStream.Fault) {
            if let fault = error as? StandardStream.Fault { throw fault }
            if let failure = CommandFailure(of: error) {
                StandardError.line(Terminal.escaped(failure.sentence))
                Foundation.exit(failure.exitCode.rawValue)
            }
            let (text, code) = (fullMessage(for: error), exitCode(for: error))
            if !text.isEmpty {
                if code.isSuccess { try StandardOutput.print(text) } else { StandardError.line(text) }
            }
            Foundation.exit(code.rawValue)
        } catch {
            StandardError.line(Terminal.escaped("Error: \(error)"))
            Foundation.exit(ExitCode.unwritable.rawValue)
        }
    }

    /// The sentence about a first word that is not a command; nil for a command. The parser reports it only as
    /// unexpected.
    static func misspelt(_ word: String) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard !word.hasPrefix("-"), !names.contains(word) else { return nil }
        return "Error: no command \"\(word)\"\(NearestWord.hint(word, in: names))"
    }
}

extension ExitCode {
    /// `check` or `convert` found faults.
    static let faults = ExitCode(1)
    /// A broker that a one-shot command needs is not there (EX_UNAVAILABLE).
    static let unavailable = ExitCode(69)
    /// The system provides too few resources: file descriptors, threads (EX_OSERR).
    static let system = ExitCode(71)
    /// Standard output cannot be written (EX_IOERR).
    static let unwritable = ExitCode(74)
    /// `run` cannot start, and waiting would not help (EX_CONFIG).
    static let configuration = ExitCode(78)
    /// Another client keeps taking the session: two bridges with one client id.
    static let takenOver = ExitCode(79)
}
