// SPDX-License-Identifier: Apache-2.0

/// How the commands of the documentation are run. The first rule whose beginning fits counts; a command that none fits is run
/// as it stands and has to end with 0.
struct ShellRule: Sendable {
    /// How the command begins.
    let beginning: String
    /// Options that make it fit a test, each unless the command has it already.
    var additions: [(option: String, value: String)] = []
    /// How it may end.
    var exitCodes: Set<Int32> = [0]
    /// It goes on until it is stopped, which the end of the page does.
    var isEndless = false
    /// Why it is not run.
    var reason: String?

    static let all = [
        ShellRule(
            beginning: "Scripts/",
            reason: "builds, installs or measures for minutes; it must be there and know the options"),
        ShellRule(beginning: "sudo", reason: "changes the system"),
        ShellRule(beginning: "docker ", reason: "needs a container engine"),
        ShellRule(beginning: "journalctl ", reason: "needs the installed service"),
        ShellRule(beginning: "swift ", reason: "a build within a build waits for ever"),
        ShellRule(beginning: "obis-bridge run", isEndless: true),
        // The page's bridge.yaml is there already; FirstMinutesTests runs it in an empty folder.
        ShellRule(
            beginning: "obis-bridge setup", additions: [("--broker", "mqtt://localhost"), ("--for", "2s")],
            exitCodes: [1]),
        // The reader sends five times a second.
        ShellRule(beginning: "obis-bridge check --config bridge.yaml --connect", additions: [("--for", "3s")]),
        ShellRule(beginning: "obis-bridge check --connect", additions: [("--for", "3s")]),
        // grep finds nothing where nothing was repaired.
        ShellRule(beginning: "obis-bridge watch", additions: [("--for", "3s")], exitCodes: [0, 1]),
        ShellRule(beginning: "obis-bridge record", additions: [("--for", "2s")]),
        ShellRule(
            beginning: "obis-bridge discover", additions: [("--broker", "mqtt://localhost"), ("--wait", "0s")]),
        // A verdict is what the page is about, whichever it is.
        ShellRule(
            beginning: "obis-bridge plugtest --config bridge.yaml --record", additions: [("--for", "3s")],
            exitCodes: [0, 1, 2]),
        ShellRule(beginning: "obis-bridge plugtest", exitCodes: [0, 1, 2]),
        // Nothing is in the file before the first minute is over.
        ShellRule(beginning: "obis-bridge history", exitCodes: [0, 1]),
        ShellRule(beginning: "obis-bridge forget", exitCodes: [0, 1]),
        // Nothing is held.
        ShellRule(beginning: "obis-bridge accept", exitCodes: [0, 1]),
    ]

    static func of(_ command: String) -> ShellRule {
        all.first { command.hasPrefix($0.beginning) } ?? ShellRule(beginning: "")
    }

    /// The command with its additions behind the words that the rule begins with.
    func completed(_ command: String) -> String {
        let missing = additions.filter { !command.contains($0.option + " ") }.map { " \($0.option) \($0.value)" }
        guard !missing.isEmpty else { return command }
        // Behind the name of the subcommand.
        let end = command.split(separator: " ").prefix(2).last?.endIndex ?? command.endIndex
        return command[..<end] + missing.joined() + command[end...]
    }
}
