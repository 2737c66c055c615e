// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest
@testable import bridge

/// The golden cases in `cases/` and on the page of the rules, and that none is missing.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct GoldenCaseTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("cases").path

    /// The page of the rules: a rule's cases may stand under its heading, as a block `yaml case`.
    static let page = DocumentationPage.root.appendingPathComponent("docs/fixes.md").path

    /// Where cases stand: a file of the folder, or a block of the page.
    struct Place: CustomTestStringConvertible, Sendable {
        let path: String
        /// What is read, each line where it stands in the file.
        let text: String
        var name: String { path.fileStem }
        var testDescription: String { path.lastPathComponent }

        func read(_ problems: ProblemList = ProblemList()) -> [GoldenCase] {
            CaseReader(problems: problems).read(text, file: path)
        }
    }

    static let places: [Place] =
        ((try? TestCommand.files(folder)) ?? []).map { path in
            Place(path: path, text: (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
        }
        + DocumentationTests.blocks("yaml case").filter { $0.page == "docs/fixes.md" }.map { block in
            Place(path: page, text: String(repeating: "\n", count: block.line - 1) + block.text)
        }

    /// Every case, run.
    static let results: [CaseResult] = places.flatMap { $0.read() }.map(CaseRunner.run)

    @Test(arguments: places) func `what readers send becomes what the case says`(place: Place) {
        let problems = ProblemList()
        let cases = place.read(problems)
        #expect(problems.sorted.isEmpty && !cases.isEmpty, "\(problems.sorted)")
        for fault in cases.map(CaseRunner.run).flatMap({ result in result.faults.map { (result, $0) } }) {
            Issue.record("\(fault.0.golden.name)\n\(fault.1.mark): \(fault.1.text)")
        }
    }

    @Test(arguments: Fix.Rule.allCases)
    func `every rule has a case in which it works and one in which it stays silent`(rule: Fix.Rule) {
        #expect(
            Self.results.contains { $0.golden.shows.contains { $0.rule == rule } }, "no case shows \(rule.rawValue)")
        #expect(
            Self.results.contains { $0.golden.silent.contains { $0.rule == rule } },
            "no case in which \(rule.rawValue) stays silent")
    }

    /// Problems that no message shows, with the reason.
    static let outside: [String: String] = [
        "collector 7": "Home Assistant discovery is an output of its own",
        "collector 12": "sinks of other programs: the profile is what they read",
        "collector 13": "a container of the collector",
        "collector 16": "TLS of the collector's own configuration",
        "gplug 5": "discovery comes from the bridge: an output of its own",
    ]

    /// Problems whose cases wait for a rule.
    static let waiting: Set<String> = []

    @Test(arguments: (1...18).map { "collector \($0)" } + (1...22).map { "gplug \($0)" })
    func `every documented problem has a case`(problem: String) {
        guard Self.outside[problem] == nil, !Self.waiting.contains(problem) else { return }
        #expect(Self.results.contains { $0.golden.problems.contains(problem) }, "no case for \(problem)")
    }

    @Test func `a case names only problems there are`() {
        let known = Set((1...18).map { "collector \($0)" } + (1...22).map { "gplug \($0)" })
        for result in Self.results {
            #expect(known.isSuperset(of: result.golden.problems), "\(result.golden.mark): \(result.golden.problems)")
        }
    }
}
