// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// docs/fixes.md is the closed list of rules, and its examples are what golden cases publish.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct FixesPageTests {
    /// A section of the page.
    struct Section: CustomTestStringConvertible {
        let rule: String
        let text: String
        var testDescription: String { rule }

        func blocks(_ language: String) -> [String] {
            text.components(separatedBy: "```\(language)\n").dropFirst()
                .map { $0.components(separatedBy: "\n```")[0] }
        }
    }

    static let sections: [Section] = {
        let path = DocumentationTests.root.appendingPathComponent("docs/fixes.md")
        let page = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
        return page.components(separatedBy: "\n## `").dropFirst().compactMap { part in
            guard let end = part.range(of: "`\n") else { return nil }
            return Section(rule: String(part[..<end.lowerBound]), text: String(part[end.upperBound...]))
        }
    }()

    /// The page shows the line of a `bridge.yaml`, a case that of its own file.
    private static func withoutPlace(_ record: String) -> String {
        guard let start = record.range(of: ",\"by\":\""), record.hasSuffix("\"}") else { return record }
        return String(record[..<start.lowerBound]) + "}"
    }

    @Test func `the page has a section for every rule, and no other`() {
        let missing = Fix.Rule.allCases.map(\.rawValue).filter { rule in
            !Self.sections.contains { $0.rule == rule }
        }
        #expect(missing.isEmpty, "docs/fixes.md has no section for \(missing)")
        let unknown = Self.sections.map(\.rule).filter { Fix.Rule(rawValue: $0) == nil }
        #expect(unknown.isEmpty, "docs/fixes.md describes \(unknown), which are no rules")
        #expect(Set(Self.sections.map(\.rule)).count == Self.sections.count)
    }

    @Test(arguments: sections) func `level and default are those of the code`(section: Section) throws {
        let rule = try #require(Fix.Rule(rawValue: section.rule))
        #expect(section.text.contains("Level `\(rule.level.rawValue)`."))
        let policy = try Profile().policies[rule] ?? .fix
        // A default that is another one than fix has to be named: "default `flag`".
        #expect(policy == .fix || section.text.contains("default `\(policy.rawValue)`"))
    }

    @Test(arguments: sections) func `the example is what a golden case publishes`(section: Section) throws {
        let cases = GoldenCaseTests.results.filter { $0.golden.shows.contains { $0.rule.rawValue == section.rule } }
        let records = cases.flatMap(\.fixes).map { Self.withoutPlace($0.record) }
        let messages = cases.flatMap(\.messages).map { "\($0.topic) \(String(decoding: $0.payload, as: UTF8.self))" }
        let raw = section.blocks("text")
        let shown = section.blocks("json")
        // Cases of its own are examples, too, and GoldenCaseTests runs them.
        let own = section.blocks("yaml case")
        let onPage = GoldenCaseTests.results.map(\.golden).filter { $0.mark.file == GoldenCaseTests.page }
        #expect(
            own.isEmpty
                || onPage.contains { $0.shows.contains { $0.rule.rawValue == section.rule } }
                    && onPage.contains { $0.silent.contains { $0.rule.rawValue == section.rule } },
            "the cases on the page do not show \(section.rule), or not where it stays silent")
        #expect(!own.isEmpty || !raw.isEmpty && !shown.isEmpty)
        for line in raw.flatMap({ $0.split(separator: "\n") }) {
            #expect(messages.contains { $0.hasPrefix(line) }, "no case of \(section.rule) sends \(line)")
        }
        for record in shown {
            #expect(
                records.contains(Self.withoutPlace(record)),
                "\(section.rule) is recorded as\n\(Set(records).joined(separator: "\n"))")
        }
    }
}
