// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import PlugTest

/// `obis-bridge test` as a user sees it.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct TestCommandTests {
    private func run(_ arguments: String...) throws -> (code: Int32?, lines: [String]) {
        let process = try ChildProcess(RunningBridge.program, ["test"] + arguments)
        return (process.wait(), process.output.value.lines)
    }

    private static let golden = """
        config: {sources: {gplug: {adapter: gplug, labels: gplug-d}}}
        start: 2026-11-20T22:40:02Z
        steps:
          - topic: tele/gPlugD_A/SENSOR
            payload: '{"Time":"2026-11-20T22:40:01","z":{"SMid":"LGZ1030655900017","Pi":0.412}}'
            expect:
              - topic: harmonized/v1/meter/lgz1030655900017/reading
                json: {registers: {"1-0:1.7.0": {value: 412}}}

        """

    @Test func `a folder of cases that pass exits 0`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("power.yaml", Self.golden)
        let quiet = try run(folder.path)
        #expect(quiet.code == 0 && quiet.lines == ["1 case in 1 file: 1 passed, 0 failed"], "\(quiet.lines)")
        let loud = try run("-v", "\(folder.path)/power.yaml")
        #expect(loud.lines.first == "\(folder.path)/power.yaml:1: passed: power", "\(loud.lines)")
    }

    @Test func `a case that fails names file, line and difference and exits 1`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("power.yaml", Self.golden.replacing("value: 412", with: "value: 413"))
        let result = try run(folder.path)
        #expect(result.code == 1)
        #expect(
            result.lines == [
                "\(folder.path)/power.yaml:1: failed: power",
                "  \(folder.path)/power.yaml:8:49: harmonized/v1/meter/lgz1030655900017/reading",
                "    registers.\"1-0:1.7.0\".value: expected 413, found 412",
                "1 case in 1 file: 0 passed, 1 failed",
            ], "\(result.lines)")
    }

    @Test func `what cannot be read fails as well`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("power.yaml", Self.golden.replacing("steps:", with: "stops:"))
        let result = try run(folder.path)
        #expect(result.code == 1)
        #expect(
            result.lines.contains(
                "\(folder.path)/power.yaml:3:1: error: unknown key \"stops\" in a case, did you mean \"steps\"?"),
            "\(result.lines)")
        #expect(try run("\(folder.path)/nowhere").code == 1)
        #expect(try run().code == 64)
        let empty = try TemporaryDirectory()
        #expect(try run(empty.path).lines == ["\(empty.path) has no *.yaml"])
    }

    @Test func `a recording becomes a case that passes, until the profile changes`() throws {
        let folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", "zone: Europe/Zurich\nsources: {gplug: {adapter: gplug, labels: gplug-d}}\n")
        let payload = #"{\"Time\":\"2026-11-20T23:40:01\",\"z\":{\"SMid\":\"LGZ1030655900017\",\"Pi\":0.412}}"#
        try folder.write(
            "today.jsonl",
            #"{"received":"2026-11-20T22:40:02.412Z","topic":"tele/a/SENSOR","payload":"\#(payload)"}"# + "\n"
                + #"{"received":"2026-11-20T22:40:12.412Z","topic":"tele/a/LWT","payload":"Offline"}"# + "\n")
        let written = try run("--config", "\(folder.path)/bridge.yaml", "--write", "\(folder.path)/today.jsonl")
        #expect(written.code == 0)
        try folder.write("today.yaml", written.lines.joined(separator: "\n"))
        let again = try run("--config", "\(folder.path)/bridge.yaml", "\(folder.path)/today.yaml")
        #expect(again.code == 0, "\(again.lines)")
        try folder.write(
            "other.yaml",
            "zone: Europe/Zurich\nsources: {gplug: {adapter: gplug, labels: gplug-d}}\n"
                + "profile: {registers: {\"1-0:1.7.0\": {unit: kW}}}\n")
        let changed = try run("--config", "\(folder.path)/other.yaml", "\(folder.path)/today.yaml")
        #expect(changed.code == 1)
        #expect(
            changed.lines.contains("    registers.\"1-0:1.7.0\".value: expected 412, found 0.412"), "\(changed.lines)")
    }

    @Test(arguments: DocumentationTests.blocks("yaml case")) func `a case in the documentation passes`(
        block: DocumentationPage.Block
    ) throws {
        let problems = ProblemList()
        let cases = CaseReader(problems: problems).read(block.text, file: block.page)
        #expect(problems.sorted.isEmpty && !cases.isEmpty, "\(problems.sorted)")
        for result in cases.map(CaseRunner.run) {
            #expect(result.faults.isEmpty, "\(result.golden.name): \(result.faults.map(\.text))")
        }
    }
}
