// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The example of how to use the library, and the article about it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct EmbeddingTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: DocumentationTests.root.appendingPathComponent(path), encoding: .utf8)
    }

    @Test func `the article shows what the example does`() throws {
        let article = try text("Sources/Harmonizer/Harmonizer.docc/Embedding.md")
        let example = try text("Examples/embedding/Sources/embedding/main.swift")
        let blocks = article.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.count >= 4)
        for block in blocks { #expect(example.contains(block), "\(block)") }
    }

    @Test func `the example prints the reading, and holds the counter after its restart`() throws {
        let program = URL(fileURLWithPath: RunningBridge.program).deletingLastPathComponent()
            .appendingPathComponent("embedding").path
        let example = try ChildProcess(program, [])
        #expect(example.wait() == 0)
        let lines = example.output.value.lines
        #expect(lines.first == "meter 5550001 at 2026-11-20T23:27:09Z")
        #expect(lines.contains("  1-0:1.8.0 = 1234.5 kWh"))
        #expect(lines.contains("  1-0:1.7.0 = 412 W"))
        #expect(lines.contains { $0.hasPrefix(#"harmonized/v1/meter/5550001/state {"schema":"harmonized/1.0""#) })
        #expect(lines.last == #"after the restart, ["1-0:1.8.0"]: counter.zero"#, "\(lines.suffix(3))")
    }
}
