// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Harmonizer

/// The command `obis-bridge`.
#if !FUZZING  // Scripts/fuzz has a main of its own
    @main
#endif
struct Bridge: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "obis-bridge",
        abstract: "The MQTT bridge that makes every smart meter speak the same language.",
        discussion: """
            Subscribes to what smart-meter readers publish, turns every message into readings keyed by OBIS code with exact \
            values, fixed units, a trustworthy time and a stable meter id, and publishes them as one documented profile.

            Exit codes: 0 ok; 1 check, convert, test or plugtest found faults; 2 plugtest could not observe everything; 64 usage; 69 broker unreachable in a one-shot command; \
            78 run cannot start; 79 another client keeps taking the session.
            """,
        version: version,
        subcommands: [
            RunCommand.self, CheckCommand.self, ConvertCommand.self, TestCommand.self, DiscoverCommand.self,
            WatchCommand.self, RecordCommand.self, ReplayCommand.self,
            PlugTestCommand.self, SchemaCommand.self, DemoCommand.self, AcceptCommand.self, ForgetCommand.self,
        ])

    static func main() async {
        if let word = CommandLine.arguments.dropFirst().first, let sentence = misspelt(word) {
            Problems.print(error: sentence)
            exit(withError: ExitCode.validationFailure)
        }
        await main(nil)
    }

    /// What to say of a first word that is no command; nil for one that is. The parser says only that it is unexpected.
    static func misspelt(_ word: String) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard !word.hasPrefix("-"), !names.contains(word) else { return nil }
        return Terminal.escaped("Error: no command \"\(word)\"\(NearestWord.hint(word, in: names))")
    }
}

extension ExitCode {
    /// `check` or `convert` found faults.
    static let faults = ExitCode(1)
    /// A broker that a one-shot command needs is not there (EX_UNAVAILABLE).
    static let unavailable = ExitCode(69)
    /// `run` cannot start, and waiting would not help (EX_CONFIG).
    static let configuration = ExitCode(78)
    /// Another client keeps taking the session: two bridges with one client id.
    static let takenOver = ExitCode(79)
}
