// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Testing

/// docs/writing-an-adapter.md: what it shows is what was compiled, and its fixtures are what the code does.
@Suite struct WritingAnAdapterTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func blocks(_ language: String) throws -> [String] {
        try text("docs/writing-an-adapter.md").components(separatedBy: "```\(language)\n").dropFirst().map { rest in
            let block = rest.components(separatedBy: "```")[0]
            // A block in a list is indented with it.
            let indent = block.prefix { $0 == " " }.count
            let lines = block.split(separator: "\n", omittingEmptySubsequences: false)
            return lines.map { $0.dropFirst(min(indent, $0.prefix { $0 == " " }.count)) }.joined(separator: "\n")
        }
    }

    @Test func `the page shows the file that is compiled here`() throws {
        let file = try Self.text("Tests/AdaptersTests/WritingAnAdapter/WattlyLineAdapter.swift")
        #expect(try Self.blocks("swift").contains(file))
    }

    @Test func `the fixture of the page is what the adapter makes of its payload`() throws {
        let blocks = try Self.blocks("text")
        let payload = try #require(blocks.first { $0.hasPrefix("WT-") })
        let expected = try #require(blocks.first { $0.hasPrefix("topic wattly/") }).split(separator: "\n").dropFirst()
        #expect(verdict(payload) == expected.map(String.init))
    }

    @Test(
        arguments: [
            ("hello", "ignored wattly-hello"), ("WT-4711;1;2", #"rejected payload.unexpected "3 fields instead of 6""#),
            ("WT-4711;2026-11-20T23:40:00;;;x;0", #"rejected value.invalid at 30 "no number""#),
        ]) func `what is no reading is told apart`(payload: String, expected: String)
    {
        #expect(verdict(payload) == [expected])
    }

    @Test func `what was not sent is absent, and a zero is a value`() {
        #expect(verdict(";;;;0;") == ["reading", "  1-0:1.7.0 0 W"])
    }

    @Test func `damage never ends the program`() {
        let line = Array("WT-4711;2026-11-20T23:40:00;2131.115;0.000;512;0\r\n".utf8)
        for index in line.indices {
            for byte in [UInt8](arrayLiteral: 0, 0x20, 0x3b, 0x2d, 0xff) {
                var damaged = line
                damaged[index] = byte
                _ = verdict(String(decoding: damaged, as: UTF8.self))
                _ = decoded(Array(damaged[index...]))
            }
        }
    }

    private func decoded(_ payload: [UInt8]) -> Verdict {
        let adapter = WattlyLineAdapter()
        var decoder = adapter.makeDecoder()
        let message = RawMessage(
            topic: "wattly/cellar/line", payload: payload, received: Timestamp(seconds: 1_795_214_402))
        return decoder.decode(message, context: DecodingContext())
    }

    private func verdict(_ payload: String) -> [String] { VerdictText.lines(decoded(Array(payload.utf8))) }
}
