// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest
@testable import bridge

/// What README and docs show is loaded and run, so that it stays true.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct DocumentationTests {
    static let root = DocumentationPage.root

    static func blocks(_ language: String) -> [DocumentationPage.Block] {
        DocumentationPage.all.flatMap(\.blocks).filter { $0.language == language }
    }

    /// What may stand behind a fence, and what becomes of it.
    private static let languages: Set = [
        // Run by ShellBlockTests.
        "sh", "console",
        // Loaded here; cases are run by TestCommandTests.
        "yaml", "yaml case",
        // Other programs' YAML, read here, and their other formats, executed by Scripts/consumers.
        "yml", "toml", "flux", "things", "ini", "conf",
        // What is sent and what comes out, compared by the tests of the page.
        "text", "json", "csv", "swift", "mermaid",
        // The same of readers: executed by ReaderPagesTests.
        "text heard", "text published", "yaml sources",
    ]

    @Test(arguments: DocumentationPage.all) func `every block of a page says what it is`(page: DocumentationPage) {
        for line in page.unfenced {
            Issue.record(
                """
                \(page.path):\(line): a block needs a fence: ```sh for commands, which are run; ```console with "$ " before \
                each and its output below, which is compared; ```text for what is only shown
                """)
        }
        for block in page.blocks where block.file == nil {
            #expect(Self.languages.contains(block.language), "\(block.page):\(block.line): unknown language")
        }
    }

    @Test(arguments: DocumentationPage.all) func `a link leads to something that is there`(
        page: DocumentationPage
    ) throws {
        let folder = Self.root.appendingPathComponent(page.path).deletingLastPathComponent()
        let text = try String(contentsOf: Self.root.appendingPathComponent(page.path), encoding: .utf8)
        for link in text.matches(of: /\]\(([^)#: ]*)(?:#([^) ]*))?\)/) {
            let path = String(link.output.1)
            let target =
                path.isEmpty ? Self.root.appendingPathComponent(page.path) : folder.appendingPathComponent(path)
            #expect(FileManager.default.fileExists(atPath: target.path), "\(page.path): \(path)")
            guard let anchor = link.output.2.map(String.init) else { continue }
            let headings = try String(contentsOf: target, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("#") }.map(Self.anchor)
            #expect(headings.contains(anchor), "\(page.path): \(path)#\(anchor)")
        }
    }

    @Test(arguments: DocumentationPage.all) func `a command in a sentence exists, with its options`(
        page: DocumentationPage
    ) throws {
        let text = try String(contentsOf: Self.root.appendingPathComponent(page.path), encoding: .utf8)
        for command in text.matches(of: /`obis-bridge ([a-z-]+)([^`]*)`/) {
            let name = String(command.output.1)
            guard let type = Bridge.configuration.subcommands.first(where: { $0.configuration.commandName == name })
            else {
                Issue.record("\(page.path): there is no obis-bridge \(name)")
                continue
            }
            let help = Bridge.helpMessage(for: type)
            for option in command.output.2.split(separator: " ") where option.hasPrefix("--") {
                #expect(help.contains(option), "\(page.path): obis-bridge \(name) has no \(option)")
            }
        }
        for script in text.matches(of: /`(Scripts\/[a-z0-9_.\/-]+)/) {
            let path = Self.root.appendingPathComponent(String(script.output.1)).path
            #expect(FileManager.default.fileExists(atPath: path), "\(page.path): there is no \(script.output.1)")
        }
    }

    /// As GitHub makes it of a heading.
    private static func anchor(_ heading: Substring) -> String {
        let words = heading.drop { $0 == "#" || $0 == " " }.lowercased().replacing(" ", with: "-")
        return words.filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }

    static let configurations = DocumentationPage.all.flatMap(\.blocks).filter {
        ["yaml", "yaml bridge.yaml"].contains($0.language)
    }

    @Test(arguments: configurations) func `a configuration in the documentation has no mistakes`(
        block: DocumentationPage.Block
    ) throws {
        let folder = try TemporaryDirectory()
        try folder.write("password", "secret\n")
        for key in ["meter.key", "meter.auth", "kamstrup.key", "kamstrup.auth", "kaifa.key"] {
            try folder.write(key, "000102030405060708090A0B0C0D0E0F\n")
        }
        for file in Self.files where file.page == block.page { try folder.write(file.file ?? "", file.text) }
        let text = block.text.replacing("/etc/obis-bridge/", with: "\(folder.path)/")
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load(text, file: "\(folder.path)/bridge.yaml")
        let errors = loader.problems.sorted.filter { !$0.isWarning }
        #expect(errors.isEmpty, "\(errors)")
    }

    /// Files that stand beside a `bridge.yaml`, which names them.
    static let files = DocumentationPage.all.flatMap(\.blocks).filter { $0.file != nil && $0.file != "bridge.yaml" }

    @Test(arguments: files) func `a file in the documentation is read by something beside it`(
        block: DocumentationPage.Block
    ) {
        let others = DocumentationPage.all.flatMap(\.blocks).filter { $0.page == block.page && $0.line != block.line }
        #expect(others.contains { $0.language != "text" && $0.text.contains(block.file ?? "-") })
    }

    @Test(arguments: blocks("yml")) func `a configuration of another program is YAML`(block: DocumentationPage.Block) {
        let problems = ProblemList()
        _ = YAMLLoader.load(block.text, file: block.page, problems: problems)
        #expect(problems.sorted.isEmpty, "\(problems.sorted)")
    }

    @Test func `there are blocks to check`() { #expect(Self.blocks("yaml").count >= 3) }

    @Test func `the example without a broker prints what the README says`() throws {
        let convert = try ChildProcess(
            RunningBridge.program, ["convert", "--adapter", "gplug", "--zone", "Europe/Zurich"],
            input: Array(#"{"Time":"2021-09-24T17:56:38","z":{"Pi":0}}"#.utf8))
        #expect(convert.wait() == 0)
        let readings = convert.output.value.lines.filter { $0.contains("/reading") }
        #expect(readings.count == 1)
        #expect(readings[0].contains(#"\"time\":\"2021-09-24T15:56:38Z\""#))
    }

    @Test func `the example of what is published is what comes out`() throws {
        let path = "docs/topics.md"
        let page = try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", try #require(Self.blocks("yaml").first { $0.page == path }).text)
        let excerpt = try #require(Self.blocks("text").first { $0.page == path }).text
        for (line, source, received) in zip3(excerpt, ["romande-energie", "aew"], ["23:27:09.031Z", "23:27:08.412Z"]) {
            let raw = Received(line)
            let convert = try ChildProcess(
                "sh",
                [
                    "-c",
                    "cd \(folder.path) && exec \(RunningBridge.program) convert --source \(source) --config bridge.yaml "
                        + "--topic \(raw.topic) --received 2026-11-20T\(received)",
                ], input: Array(raw.payload.utf8))
            #expect(convert.wait() == 0)
            let line = try #require(convert.output.value.lines.first { $0.contains("/reading") })
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let payload = try #require(object["payload"] as? String)
            #expect(page.filter { !$0.isWhitespace }.contains(payload.filter { !$0.isWhitespace }), "\(payload)")
        }
    }

    @Test func `every exit code of the help has its line in the documentation`() throws {
        let help = try ChildProcess(RunningBridge.program, ["--help"])
        #expect(help.wait() == 0)
        let text = help.output.value.lines.joined(separator: " ")
        let start = try #require(text.firstRange(of: "Exit codes: ")).upperBound
        let sentence = text[start...].prefix { $0 != "." }
        let codes = sentence.split(separator: ";").compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
        #expect(codes == [0, 1, 2, 64, 69, 71, 74, 78, 79], "\(sentence)")
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/exit-codes.md"), encoding: .utf8)
        for code in codes { #expect(page.contains("\n| \(code) | ")) }
    }

    private func zip3(_ excerpt: String, _ sources: [String], _ times: [String]) -> [(String, String, String)] {
        zip(excerpt.split(separator: "\n").map(String.init), zip(sources, times)).map { ($0, $1.0, $1.1) }
    }

    @Test(arguments: [
        "--help", "run --help", "check --help", "convert --help", "test --help", "discover --help", "schema --help",
        "demo --help", "setup --help",
    ])
    func `every command explains itself`(arguments: String) throws {
        let help = try ChildProcess(RunningBridge.program, arguments.split(separator: " ").map(String.init))
        #expect(help.wait() == 0)
        #expect(help.output.value.lines.contains { $0.hasPrefix("OVERVIEW: ") })
    }
}
