// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

@testable import bridge

/// Recordings with nothing in them: of a broker where nothing was said, or of the wrong topic.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct EmptyRecordingTests {
    private let folder: TemporaryDirectory

    init() throws {
        folder = try TemporaryDirectory()
        try folder.write("bridge.yaml", "zone: UTC\nsources: {gplug: {adapter: gplug}}\n")
        try folder.write("empty.jsonl", "")
        try folder.write(
            "marks.jsonl",
            """
            {"received":"2026-11-20T22:40:00Z","topic":"$obis-bridge/begin","payload":""}
            {"received":"2026-11-20T22:50:00Z","topic":"$obis-bridge/end","payload":""}

            """)
    }

    private func run(_ arguments: String...) throws -> (code: Int32?, lines: [String]) {
        let process = try ChildProcess("env", ["-C", folder.path, RunningBridge.program] + arguments)
        return (process.wait(), process.output.value.lines)
    }

    @Test(arguments: ["empty.jsonl", "marks.jsonl"]) func `a replay of nothing says so`(file: String) throws {
        for way in ["--through", "--speed=max"] {
            let (code, lines) = try run("replay", file, "--config", "bridge.yaml", way)
            #expect(code == 1)
            #expect(lines == ["\(file): there is no message in it"])
        }
    }

    @Test(arguments: ["empty.jsonl", "marks.jsonl"]) func `a case of nothing is not written`(file: String) throws {
        let (code, lines) = try run("test", "--config", "bridge.yaml", "--write", file)
        #expect(code == 1)
        #expect(lines == ["\(file): there is no message in it"])
    }

    @Test func `a plug-test of nothing observes nothing, and not in 1970`() throws {
        let (code, lines) = try run("plugtest", "--config", "bridge.yaml", "--input", "empty.jsonl")
        #expect(code == 2)
        #expect(lines == ["empty.jsonl: there is no message in it"])
        // Ten minutes of silence are an observation.
        let (silence, report) = try run("plugtest", "--config", "bridge.yaml", "--input", "marks.jsonl")
        #expect(silence != 0)
        #expect(!report.contains { $0.contains("1970") })
    }

    @Test func `the marks of a recording are no steps of a case`() throws {
        let message =
            #"{"received":"2026-11-20T22:41:00Z","topic":"tele/a/SENSOR","payload":"{\"z\":{\"Pi\":0.412}}"}"#
        let begin = #"{"received":"2026-11-20T22:40:00Z","topic":"$obis-bridge/begin","payload":""}"#
        try folder.write("one.jsonl", "\(begin)\n\(message)\n")
        let (code, lines) = try run("test", "--config", "bridge.yaml", "--write", "one.jsonl")
        #expect(code == 0)
        #expect(!lines.contains { $0.contains("$obis-bridge") })
        #expect(lines.contains { $0.contains("tele/a/SENSOR") })
    }

    @Test func `an anonymised recording of somebody else is not written over`() throws {
        let message =
            #"{"received":"2026-11-20T22:41:00Z","topic":"tele/a/SENSOR","payload":"{\"z\":{\"SMid\":\"HP20260001\",\"Pi\":0.412}}"}"#
        try folder.write("one.jsonl", "\(message)\n")
        let arguments = ["plugtest", "--config", "bridge.yaml", "--input", "one.jsonl", "--anonymise"]
        func anonymise(_ more: [String] = []) throws -> [String] {
            let process = try ChildProcess("env", ["-C", folder.path, RunningBridge.program] + arguments + more)
            _ = process.wait()
            return process.output.value.lines
        }
        let written = "The anonymised recording is one.anonymised.jsonl."
        #expect(try anonymise().contains(written))
        #expect(try anonymise().contains(written), "the same once more")
        try folder.write("one.anonymised.jsonl", "mine\n")
        #expect(try anonymise() == ["one.anonymised.jsonl exists already: name another file, or --force"])
        #expect(try anonymise(["--force"]).contains(written))
    }
}
