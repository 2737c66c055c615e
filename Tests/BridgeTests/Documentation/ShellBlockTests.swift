// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest

/// The commands of the documentation are run, page by page in their order, as its reader would.
// Each page has a broker, a bridge and a reader of its own: all at once they would starve each other.
@Suite(.serialized, .timeLimit(.minutes(10 * Patience.factor))) struct ShellBlockTests {
    static let pages = DocumentationPage.all.filter { page in page.blocks.contains { isShell($0) } }

    private static func isShell(_ block: DocumentationPage.Block) -> Bool {
        ["sh", "console"].contains(block.language)
    }

    private static func commands(_ page: DocumentationPage) -> [ShellCommand] {
        page.blocks.filter(isShell).flatMap(ShellCommand.commands)
    }

    private static let hasJQ = FileManager.default.isExecutableFile(atPath: "/usr/bin/jq")

    @Test(arguments: pages) func `the commands of a page do what it says`(page: DocumentationPage) throws {
        let commands = Self.commands(page)
        var world: ShellWorld?
        for command in commands {
            let rule = ShellRule.of(command.text)
            if rule.reason != nil {
                try checkScript(command)
            } else if Self.hasJQ || !command.text.contains("jq ") {
                let place = try world ?? ShellWorld(page)
                world = place
                try place.run(command, rule)
            }
        }
        world?.end()
    }

    /// A script that is not run exists and speaks of the options that it is given.
    private func checkScript(_ command: ShellCommand) throws {
        guard command.text.hasPrefix("Scripts/"), let name = command.text.split(separator: " ").first else { return }
        let path = DocumentationPage.root.appendingPathComponent(String(name)).path
        #expect(FileManager.default.isExecutableFile(atPath: path), "\(command.place): there is no \(name)")
        let script = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        // Scripts/run passes on what follows.
        guard name != "Scripts/run" else { return }
        for option in command.options {
            #expect(script.contains(option), "\(command.place): \(name) has no \(option)")
        }
    }

    @Test func `every rule is needed`() {
        let commands = Self.pages.flatMap(Self.commands).map(\.text)
        for rule in ShellRule.all {
            #expect(commands.contains { ShellRule.of($0).beginning == rule.beginning }, "\(rule.beginning)")
        }
    }

    @Test func `there are commands to run`() {
        let commands = Self.pages.flatMap(Self.commands).filter { ShellRule.of($0.text).reason == nil }
        #expect(commands.count >= 30)
    }
}
