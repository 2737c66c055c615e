// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration

/// docs/outputs.md shows what each output publishes, and each publishes that.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct OutputsPageTests {
    /// A heading with what stands below it.
    private static let sections: [String: String] = {
        let path = DocumentationTests.root.appendingPathComponent("docs/outputs.md")
        let page = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        let parts = page.components(separatedBy: "\n## What each publishes\n").last?.components(separatedBy: "\n## ")
        let sections = (parts?.first ?? "").components(separatedBy: "\n### ")
        return Dictionary(
            sections.map { section in
                let name = section.split(separator: "\n").first.map(String.init) ?? ""
                return (name.hasPrefix("`") ? String(name.dropFirst().dropLast()) : "", section)
            }
        ) { first, _ in first }
    }()

    private static func block(_ language: String, in section: String) -> String? {
        let parts = section.components(separatedBy: "```\(language)\n")
        return parts.count == 2 ? parts[1].components(separatedBy: "\n```")[0] : nil
    }

    @Test func `every output has its section, and no other`() {
        #expect(Set(Self.sections.keys).subtracting([""]) == Set(Outputs.names))
    }

    @Test(arguments: Outputs.names) func `an output publishes what the page shows`(name: String) throws {
        let section = try #require(Self.sections[name], "docs/outputs.md has no section `\(name)`")
        let message = try #require(Self.block("text", in: Self.sections[""] ?? "")).split(separator: " ", maxSplits: 1)
        let loader = ConfigurationLoader(environment: [:])
        let yaml = try #require(Self.block("yaml", in: section))
        let loaded = loader.load(yaml, file: "bridge.yaml")
        let configuration = try #require(loaded, "\(loader.problems.sorted)")
        #expect(yaml.contains(name))
        let now = try #require(RFC3339.instant("2026-11-20T22:40:02Z"))
        var pipeline = Pipeline(configuration.pipelineSettings)
        let publications =
            pipeline.handle(
                RawMessage(topic: String(message[0]), payload: Array(message[1].utf8), received: now))
            + pipeline.flush(at: now)
        let published = publications.map { "\($0.topic) \(String(decoding: $0.payload, as: UTF8.self))" }
        let shown = try #require(Self.block("text", in: section)).split(separator: "\n").map(String.init)
        #expect(!shown.isEmpty)
        for line in shown {
            let isPublished = published.contains { text in
                line.hasSuffix("…") ? text.hasPrefix(line.dropLast()) : text == line
            }
            #expect(isPublished, "\(name) publishes\n\(published.joined(separator: "\n"))")
        }
    }
}
