// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// `obis-bridge plugtest` as a program.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct PlugTestCommandTests {
    /// The four good meters, the four broken ones, and their configurations.
    private static func folder() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        try folder.write("good.yaml", PlugTestSamples.goodConfiguration)
        try folder.write("broken.yaml", PlugTestSamples.brokenConfiguration)
        try PlugTestSamples.good.write(to: URL(fileURLWithPath: "\(folder.path)/good.jsonl"))
        try PlugTestSamples.broken.write(to: URL(fileURLWithPath: "\(folder.path)/broken.jsonl"))
        return folder
    }

    private static func run(_ arguments: String, in folder: TemporaryDirectory) throws -> (
        code: Int32?, lines: [String]
    ) {
        let process = try ChildProcess(
            "sh", ["-c", "cd \(folder.path) && exec \(RunningBridge.program) plugtest \(arguments)"])
        let code = process.wait()
        return (code, process.output.value.lines)
    }

    @Test func `it exits with 1 where a row is incomplete, and says so first`() throws {
        let (code, lines) = try Self.run("--config good.yaml --input good.jsonl", in: Self.folder())
        #expect(code == 1)
        #expect(lines.first == "Plug-test of four Swiss meters  incomplete")
    }

    @Test(arguments: [
        ("expected: [1-0:1.7.0, 1-0:2.7.0]", "ekz", "", 0, "pass"),
        ("expected: [1-0:1.7.0]", "aew", "", 0, "pass with repairs"),
        ("expected: [1-0:1.7.0]", "aew", "--strict", 1, "fail"),
        ("expected: [1-0:1.7.0]", "ekz", "--strict", 0, "pass"),
        ("expected: [1-0:3.8.1]", "ekz", "", 1, "incomplete"),
        ("expected: [{register: 1-0:3.8.1, every: 10m}]", "ekz", "", 2, "not observed"),
        ("expected: [0-1:24.2.1]", "ekz", "", 2, "not observed"),
    ])
    func `its exit code follows the worst verdict`(
        expected: String, source: String, option: String, code: Int32, verdict: String
    ) throws {
        let folder = try Self.folder()
        let topic = source == "ekz" ? "smartmeter/LGZ1030655900017/#" : "smartmeter/12345/#"
        try folder.write(
            "one.yaml",
            """
            zone: Europe/Zurich
            sources: {\(source): {adapter: smartmeter-datacollector, subscribe: "\(topic)", meter: m-1}}
            plugtest: {\(expected), steps: [{at: 375s, name: broker restarted}]}

            """)
        let (found, lines) = try Self.run("--config one.yaml --input good.jsonl \(option)", in: folder)
        #expect(found == code, "\(lines)")
        #expect(lines.first == "Plug-test  \(verdict)")
    }

    @Test func `every format is written, and twice the same`() throws {
        let folder = try Self.folder()
        for (format, start) in [
            ("terminal", "Four broken ones  fail"), ("markdown", "# Four broken ones"), ("html", "<!DOCTYPE html>"),
            ("json", "{"), ("csv", "row,source,"),
        ] {
            let one = try Self.run("--config broken.yaml --input broken.jsonl --format \(format)", in: folder)
            let other = try Self.run("--config broken.yaml --input broken.jsonl --format \(format)", in: folder)
            #expect(one.lines.first?.hasPrefix(start) == true)
            #expect(one.lines == other.lines)
        }
    }

    @Test func `the report names the recording by its hash`() throws {
        let folder = try Self.folder()
        let sum = try ChildProcess("sha256sum", ["\(folder.path)/good.jsonl"])
        #expect(sum.wait() == 0)
        let hash = try #require(sum.output.value.lines.first?.prefix(64))
        let (_, lines) = try Self.run("--config good.yaml --input good.jsonl", in: folder)
        #expect(lines.contains("recording SHA-256 \(hash)"))
    }

    @Test func `a baseline shows what changed, and nothing where nothing did`() throws {
        let folder = try Self.folder()
        _ = try Self.run("--config good.yaml --input good.jsonl --format json > old.json", in: folder)
        let same = try Self.run("--config good.yaml --input good.jsonl --baseline old.json", in: folder)
        #expect(
            same.lines.contains {
                $0.hasPrefix("against Plug-test of four Swiss meters") && $0.hasSuffix("nothing changed")
            })
        let lines = try String(contentsOfFile: "\(folder.path)/good.jsonl", encoding: .utf8).split(separator: "\n")
        let without = lines.filter { !$0.contains("VOLTAGE_L1") }.joined(separator: "\n")
        try folder.write("later.jsonl", without)
        let changed = try Self.run("--config good.yaml --input later.jsonl --baseline old.json", in: folder)
        #expect(changed.lines.contains("  ekz: as sent: pass -> incomplete"))
        #expect(changed.lines.contains("  ekz: 1-0:32.7.0: as sent -> absent"))
        #expect(!changed.lines.contains { $0.hasPrefix("  ewb:") })
    }

    @Test func `a baseline that is none is said`() throws {
        let folder = try Self.folder()
        try folder.write("old.json", "{}")
        let (code, lines) = try Self.run("--config good.yaml --input good.jsonl --baseline old.json", in: folder)
        #expect(code == 1)
        #expect(lines == ["old.json is no report of plugtest --format json"])
    }

    @Test func `anonymised, neither report nor recording has a serial or a host name`() throws {
        let folder = try Self.folder()
        let secrets = [
            "LGZ1030655900017", "lgz1030655900017", "3130303030313233", "10000123", "ISK1030775200013",
            "49534B31303330373735323030303133", "gPlugD_5A1B2C", "gPlug10",
        ]
        let (code, lines) = try Self.run(
            "--config good.yaml --input good.jsonl --anonymise --format json > report.json", in: folder)
        #expect(code == 1, "\(lines)")
        #expect(lines.contains("In it the source ekz is: subscribe: [smartmeter/LGZ9000000000001/#]"), "\(lines)")
        let recording = try String(contentsOfFile: "\(folder.path)/good.anonymised.jsonl", encoding: .utf8)
        let report = try String(contentsOfFile: "\(folder.path)/report.json", encoding: .utf8)
        for secret in secrets {
            #expect(!recording.contains(secret), "\(secret) in the recording")
            #expect(!report.contains(secret), "\(secret) in the report")
        }
        #expect(recording.contains("smartmeter/LGZ9000000000001/ACTIVE_POWER_P"))
        #expect(report.contains("LGZ9000000000001"))
        // A filler is no serial, and the fault has to stay visible.
        #expect(recording.contains("smartmeter/12345/"))
        let decoded = try JSONDecoder().decode(PlugTestReport.self, from: Data(report.utf8))
        let plain = try PlugTestSamples.report(PlugTestSamples.good, PlugTestSamples.goodConfiguration)
        #expect(decoded.isAnonymised)
        #expect(decoded.rows.map(\.cells) == plain.rows.map(\.cells))
        #expect(decoded.rows.map(\.harmonised.verdict) == plain.rows.map(\.harmonised.verdict))
    }

    @Test func `a broker that is not there is said, with 69`() throws {
        let folder = try TemporaryDirectory()
        try folder.write(
            "bridge.yaml",
            "broker: mqtt://localhost:1\nzone: UTC\nsources: {a: {adapter: gplug, subscribe: tele/a/SENSOR}}\n")
        let (code, _) = try Self.run("--config bridge.yaml --for 5s", in: folder)
        #expect(code == 69)
    }

    @Test(arguments: [
        ("plugtest: {titel: x}", "unknown key \"titel\" in plugtest, did you mean \"title\"?"),
        ("plugtest: {expected: [1.8]}", "\"1.8\" is not an OBIS code such as 1-0:1.8.0"),
        ("plugtest: {display: [{source: b, register: 1-0:1.8.0, value: 1 kWh}]}", "there is no \"b\""),
        ("plugtest: {display: [{source: a, register: 1-0:1.8.0, value: viel}]}", "what the display shows"),
        ("plugtest: {steps: [{name: cable out}]}", "a step is {at: 10m, name: broker restarted}"),
        ("plugtest: {steps: [{name: cable out, at: noon}]}", "not \"noon\""),
    ])
    func `a mistake in plugtest is said with its place`(yaml: String, sentence: String) {
        let loader = ConfigurationLoader(environment: [:])
        let text = "zone: UTC\nsources: {a: {adapter: gplug, subscribe: tele/a/SENSOR}}\n\(yaml)\n"
        #expect(loader.load(text, file: "bridge.yaml") == nil)
        #expect(
            loader.problems.sorted.contains { "\($0)".hasPrefix("bridge.yaml:3:") && "\($0)".contains(sentence) },
            "\(loader.problems.sorted)")
    }
}
