// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest
@testable import bridge

/// A plug-test of meters' own frames: the example of two Swiss meters, and what can go wrong with them.
@Suite struct PlugTestFramesTests {
    private static let folder = DocumentationPage.root.appendingPathComponent("Examples/plug-test").path

    private func messages() throws -> [RawMessage] {
        try RecordedTraffic.required(path: "\(Self.folder)/raw.jsonl").messages
    }

    private func report(_ messages: [RawMessage], _ change: (String) -> String = { $0 }) throws -> PlugTestReport {
        let text = change(try String(contentsOfFile: "\(Self.folder)/raw.yaml", encoding: .utf8))
        let loader = ConfigurationLoader(environment: [:])
        let configuration = try #require(loader.load(text, file: "raw.yaml"), "\(loader.problems.sorted)")
        var run = PlugTestRun(configuration.plugTestSetup)
        for message in messages { run.take(message) }
        return run.report(sha256: "", version: "", isStrict: false, isAnonymised: false)
    }

    private func row(_ report: PlugTestReport, _ name: String) throws -> PlugTestRow {
        try #require(report.rows.first { $0.name == name })
    }

    private func findings(_ row: PlugTestRow, _ subject: PlugTestRow.Subject) -> [String] {
        row.sent.findings.filter { $0.subject == subject }.map { "\($0.verdict.rawValue): \($0.text)" }
    }

    @Test func `EKZ and AEW pass without a second program`() throws {
        let report = try report(messages())
        #expect(report.verdict == .pass)
        for (name, id) in [("ekz", "LGZ1030655900017"), ("aew", "LGZ1030655900042")] {
            let row = try row(report, name)
            #expect(row.sent.verdict == .pass && row.harmonised.verdict == .pass, "\(row.sent.findings)")
            #expect(row.serials == [id])
            #expect(row.cells.count == 12 && row.cells.allSatisfy { $0.state == .asSent }, "\(row.cells)")
            #expect(findings(row, .list) == ["pass: 120 lists read by the table lg-e450"])
            #expect(findings(row, .loadProfile).first?.hasSuffix("came at each of 2 quarter-hours") == true)
        }
        #expect(
            findings(try row(report, "ekz"), .checks) == ["pass: the checksums of all 360 frames are right (hdlc)"])
        #expect(findings(try row(report, "ekz"), .key) == ["pass: not encrypted"])
        #expect(
            findings(try row(report, "aew"), .key)
                == ["pass: 120 frames of 4C475A0000000042 proved by a tag, security suite 0"])
    }

    @Test func `a damaged frame, a lost one and one that was sent before are told`() throws {
        var messages = try messages()
        let places = messages.indices.filter { messages[$0].topic == "tcp/aew" }
        for place in places[20..<25] { messages[place].payload[60] ^= 1 }
        var again = messages[places[1]]
        again.received = messages[places[100]].received
        // More than two hundred frames lie between only where a test is longer: one that was never heard has no excuse.
        let unheard = places[50]
        var late = messages[unheard]
        late.received = messages[places[90]].received
        messages.insert(late, at: places[90] + 1)
        messages.remove(at: unheard)
        let row = try row(try report(messages), "aew")
        #expect(findings(row, .checks) == ["incomplete: 5 frames damaged or cut, 475 whole"])
        #expect(findings(row, .key).contains("fail: 1 frame sent before: a counter was used again"))
        #expect(findings(row, .gaps).contains { $0.contains("of 4C475A0000000042 missing by the counter") })
        #expect(row.harmonised.verdict == .fail)
    }

    @Test func `a wrong key, a list that nobody knows and a short run are told`() throws {
        let messages = try messages()
        let wrong = try row(try report(messages) { $0.replacing("A0A1A2A3", with: "00000000") }, "aew")
        #expect(findings(wrong, .key).first?.hasSuffix("encrypted frames that the keys do not open") == true)
        let chosen = try row(
            try report(messages) {
                $0.replacing("adapter: frames\n    serial", with: "adapter: frames\n    list: kamstrup-se\n    serial")
            },
            "ekz")
        #expect(!findings(chosen, .list).contains { $0.hasPrefix("pass") })
        #expect(chosen.harmonised.verdict == .fail)
        let short = try row(try report(Array(messages.prefix(60))), "ekz")
        #expect(findings(short, .loadProfile) == ["not observed: no quarter-hour began while the test ran"])
    }

    @Test func `counters that are missing at a quarter-hour are told`() throws {
        let quarter = try #require(RFC3339.instant("2026-11-20T22:30:00Z"))
        let messages = try messages().filter { ($0.received - quarter).magnitude > .seconds(90) }
        let row = try row(try report(messages), "ekz")
        #expect(
            findings(row, .loadProfile)
                == ["incomplete: 15-minute values are not sent, and 1.8.0 or 2.8.0 is missing at 1 of 2 quarter-hours"])
    }
}
