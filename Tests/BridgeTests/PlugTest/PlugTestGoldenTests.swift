// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import PlugTest
@testable import bridge

/// Whole reports over the four meters of the plug-test, and over four that are broken.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PlugTestGoldenTests {
    @Test func `the four meters of the plug-test get the verdicts that they earn`() throws {
        let report = try PlugTestSamples.report(PlugTestSamples.good, PlugTestSamples.goodConfiguration)
        let verdicts = report.rows.map { [$0.name, $0.sent.verdict.rawValue, $0.harmonised.verdict.rawValue] }
        #expect(
            verdicts == [
                ["ekz", "pass", "pass"], ["aew", "incomplete", "incomplete"], ["ewb", "incomplete", "incomplete"],
                ["romande-energie", "incomplete", "incomplete"],
            ])
        #expect(report.verdict == .incomplete)
        #expect(report.rows[0].cells.allSatisfy { $0.state == .asSent })
        #expect(report.rows[2].cells.map(\.state).prefix(4) == [.derived, .derived, .absent, .absent])
        try GoldenText.expect(PlugTestFormat.terminal.text(report), "good.txt")
        try GoldenText.expect(PlugTestFormat.markdown.text(report), "good.md")
        try GoldenText.expect(PlugTestFormat.csv.text(report), "good.csv")
        try GoldenText.expect(PlugTestFormat.html.text(report), "../../../../docs/plugtest-example.html")
    }

    @Test func `four broken ones are told what is wrong with them`() throws {
        let report = try PlugTestSamples.report(PlugTestSamples.broken, PlugTestSamples.brokenConfiguration)
        let verdicts = report.rows.map { [$0.name, $0.sent.verdict.rawValue, $0.harmonised.verdict.rawValue] }
        #expect(
            verdicts == [
                ["kilowatt", "fail", "fail"], ["utc", "fail", "incomplete"], ["holes", "fail", "incomplete"],
                ["volts", "fail", "fail"],
            ])
        #expect(report.verdict == .fail)
        #expect(report.rows[0].sent.findings.contains { $0.text.contains("1000 times too small") })
        #expect(report.rows[1].sent.findings.contains { $0.text.contains("1 h behind") })
        #expect(report.rows[2].sent.findings.contains { $0.text.contains("no message has the meter's id") })
        #expect(report.rows[2].sent.findings.contains { $0.text.contains("a gap of 2 min 30 s") })
        #expect(report.rows[2].sent.findings.contains { $0.text.contains("the counter was zero") })
        #expect(report.rows[3].sent.findings.contains { $0.text.contains("10 times too large") })
        try GoldenText.expect(PlugTestFormat.terminal.text(report), "broken.txt")
        try GoldenText.expect(PlugTestFormat.markdown.text(report), "broken.md")
        try GoldenText.expect(PlugTestFormat.csv.text(report), "broken.csv")
    }

    @Test func `the example that people run is the one that is judged here`() throws {
        try GoldenText.expect(
            String(decoding: PlugTestSamples.good, as: UTF8.self), "../../../../Examples/plug-test/recording.jsonl")
        try GoldenText.expect(PlugTestSamples.goodConfiguration, "../../../../Examples/plug-test/bridge.yaml")
    }

    @Test func `the same recording gives the same report in every format`() throws {
        let one = try PlugTestSamples.report(PlugTestSamples.broken, PlugTestSamples.brokenConfiguration)
        let other = try PlugTestSamples.report(PlugTestSamples.broken, PlugTestSamples.brokenConfiguration)
        for format in PlugTestFormat.allCases { #expect(format.text(one) == format.text(other)) }
    }

    @Test func `a report is read back as it was written`() throws {
        let report = try PlugTestSamples.report(PlugTestSamples.good, PlugTestSamples.goodConfiguration)
        #expect(try JSONDecoder().decode(PlugTestReport.self, from: Data(report.json.utf8)) == report)
    }
}
