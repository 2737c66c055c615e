// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import bridge

/// What README and docs show is loaded and run, so that it stays true.
@Suite(.timeLimit(.minutes(5))) struct DocumentationTests {
    /// A fenced block of a page.
    struct Block: CustomTestStringConvertible {
        let page: String
        let text: String
        var testDescription: String { "\(page): \(text.prefix(40))" }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func blocks(_ language: String) -> [Block] {
        let docs = FileManager.default.enumerator(atPath: root.appendingPathComponent("docs").path)
        let pages =
            ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
            + (docs?.compactMap { $0 as? String } ?? []).map { "docs/\($0)" }
        return pages.filter { $0.hasSuffix(".md") }.flatMap { page in
            let text = (try? String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)) ?? ""
            return text.components(separatedBy: "```\(language)\n").dropFirst().map {
                Block(page: page, text: $0.components(separatedBy: "```")[0])
            }
        }
    }

    @Test(arguments: blocks("yaml")) func `a configuration in the documentation has no mistakes`(block: Block) throws {
        let folder = try TemporaryDirectory()
        try folder.write("password", "secret\n")
        try folder.write("meter.key", "000102030405060708090A0B0C0D0E0F\n")
        let text = block.text.replacing("/etc/obis-bridge/", with: "\(folder.path)/")
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load(text, file: "bridge.yaml")
        let errors = loader.problems.sorted.filter { !$0.isWarning }
        #expect(errors.isEmpty, "\(errors)")
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

    @Test func `the excerpt of the README is what comes out`() throws {
        let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", try #require(Self.blocks("yaml").first).text)
        let excerpt = try #require(Self.blocks("text").first).text
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
            #expect(readme.filter { !$0.isWhitespace }.contains(payload.filter { !$0.isWhitespace }), "\(payload)")
        }
    }

    @Test func `every exit code of the help has its line in the documentation`() throws {
        let help = try ChildProcess(RunningBridge.program, ["--help"])
        #expect(help.wait() == 0)
        let text = help.output.value.lines.joined(separator: " ")
        let start = try #require(text.firstRange(of: "Exit codes: ")).upperBound
        let sentence = text[start...].prefix { $0 != "." }
        let codes = sentence.split(separator: ";").compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
        #expect(codes == [0, 1, 2, 64, 69, 78, 79], "\(sentence)")
        let page = try String(contentsOf: Self.root.appendingPathComponent("docs/exit-codes.md"), encoding: .utf8)
        for code in codes { #expect(page.contains("\n| \(code) | ")) }
    }

    private func zip3(_ excerpt: String, _ sources: [String], _ times: [String]) -> [(String, String, String)] {
        zip(excerpt.split(separator: "\n").map(String.init), zip(sources, times)).map { ($0, $1.0, $1.1) }
    }

    @Test(arguments: [
        "--help", "run --help", "check --help", "convert --help", "test --help", "discover --help", "schema --help",
        "demo --help",
    ])
    func `every command explains itself`(arguments: String) throws {
        let help = try ChildProcess(RunningBridge.program, arguments.split(separator: " ").map(String.init))
        #expect(help.wait() == 0)
        #expect(help.output.value.lines.contains { $0.hasPrefix("OVERVIEW: ") })
    }
}
