// SPDX-License-Identifier: Apache-2.0

@testable import PlugTest

/// A command of a page, with the output that the page shows for it.
struct ShellCommand: Sendable {
    /// `docs/watch.md:6`.
    let place: String
    var text: String
    /// Nil where the page shows none.
    var output: [String]?

    /// The commands of a block: every line of `sh`, and of `console` those behind `$ `, whose output follows. A backslash at
    /// the end continues a line.
    static func commands(of block: DocumentationPage.Block) -> [ShellCommand] {
        let isSession = block.language == "console"
        var commands: [ShellCommand] = []
        var isContinued = false
        for (index, line) in block.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var line = String(line)
            let isCommand = isSession ? line.hasPrefix("$ ") : !line.isEmpty && !line.hasPrefix("#")
            if isContinued {
                commands[commands.count - 1].text += "\n" + line
            } else if isCommand {
                if isSession { line = String(line.dropFirst(2)) }
                commands.append(
                    ShellCommand(place: "\(block.page):\(block.line + index)", text: line, output: isSession ? [] : nil)
                )
            } else if isSession, !commands.isEmpty {
                commands[commands.count - 1].output?.append(line)
            }
            isContinued = (isContinued || isCommand) && line.hasSuffix("\\")
        }
        for index in commands.indices {
            while commands[index].output?.last == "" { commands[index].output?.removeLast() }
        }
        return commands
    }

    /// The options of its first program, `--for`; what stands behind `#` or `|` is none.
    var options: [String] {
        let words = text.split(separator: "#")[0].split(separator: "|")[0].split { $0 == " " || $0 == "=" }
        return words.map(String.init).filter { $0.hasPrefix("--") }
    }

    /// True when the lines are those of the page, where `…` stands for anything.
    static func matches(_ lines: [String], _ page: [String]) -> Bool {
        lines.count == page.count && zip(lines, page).allSatisfy { line, pattern in matches(line, pattern) }
    }

    private static func matches(_ line: String, _ pattern: String) -> Bool {
        var rest = line[...]
        let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == 0 {
                guard rest.hasPrefix(part) else { return false }
                rest = rest.dropFirst(part.count)
            } else if index == parts.count - 1 {
                return rest.hasSuffix(part)
            } else if !part.isEmpty {
                guard let place = rest.firstRange(of: part) else { return false }
                rest = rest[place.upperBound...]
            }
        }
        return rest.isEmpty
    }
}
