// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import Machine
@testable import bridge

/// What a newcomer reads who names the wrong file, or writes the right one wrongly.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct UnreadableFileTests {
    private func lines(_ arguments: String..., code: Int32) throws -> [String] {
        let process = try ChildProcess(RunningBridge.program, arguments)
        #expect(process.wait() == code)
        return process.output.value.lines
    }

    @Test func `a configuration that cannot be read says why, without a line`() throws {
        let folder = try TemporaryDirectory()
        #expect(
            try lines("check", "--config", folder.path, code: 1) == [
                "\(folder.path): error: cannot read this file: is a directory"
            ])
        #expect(
            try lines("run", "--config", "\(folder.path)/none.yaml", code: 78) == [
                "\(folder.path)/none.yaml: error: cannot read this file: no such file or directory"
            ])
    }

    @Test func `a file that is no text says so`() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/bridge.yaml"
        try Data([0x66, 0xff, 0xfe]).write(to: URL(fileURLWithPath: path))
        #expect(UnreadableFile.reason(path) == "not text in UTF-8")
    }

    @Test func `standard input that is closed says so`() throws {
        let script = "'\(RunningBridge.program)' convert --adapter gplug --zone UTC <&-; echo code $?"
        let process = try ChildProcess("sh", ["-c", script])
        #expect(process.wait() == 0)
        #expect(process.output.value.lines == ["cannot read standard input: bad file descriptor", "code 1"])
    }

    @Test func `a recording may come through a pipe`() throws {
        let folder = try TemporaryDirectory()
        let payload = #"{\"z\":{\"Pi\":11}}"#
        try folder.write(
            "r.jsonl", #"{"received":"2026-11-20T22:40:02Z","topic":"tele/g/SENSOR","payload":"\#(payload)"}"# + "\n")
        try folder.write(
            "b.yaml", "bridge: t\nzone: UTC\nsources: {g: {adapter: gplug, labels: gplug-d, subscribe: tele/g/SENSOR}}")
        let script =
            "cd '\(folder.path)'; '\(RunningBridge.program)' replay <(cat r.jsonl) --config b.yaml --through 2>&1"
        let process = try ChildProcess("bash", ["-c", script])
        #expect(process.wait() == 0)
        #expect(process.output.value.lines.last == "1 message: 1 reading, 0 rejected, 0 ignored")
    }

    @Test func `a payload and a recording that are not there are named with the reason`() throws {
        let folder = try TemporaryDirectory()
        let reason = "cannot read \(folder.path)/x: no such file or directory"
        #expect(try lines("convert", "--adapter", "gplug", "\(folder.path)/x", code: 1) == [reason])
        #expect(try lines("discover", "--input", "\(folder.path)/x", code: 1) == [reason])
    }

    /// A line of a configuration that names a file, and what is said when it is none.
    struct Name: CustomTestStringConvertible {
        let line: String
        let mistake: String
        var testDescription: String { line }
    }

    static let names = [
        Name(
            line: "profile: harmonised", mistake: "no profile \"harmonised\", neither shipped nor a file, did you mean "
        ),
        Name(line: "profile: my.yaml", mistake: "cannot read the profile \"my.yaml\": no such file or directory"),
        Name(
            line: "profile: {extends: sub/}", mistake: "cannot read the profile \"sub/\": is a directory"),
        Name(
            line: "sources: {g: {adapter: gplug, labels: gplug-f}}",
            mistake: "no label dictionary \"gplug-f\", neither shipped nor a file, did you mean "),
        Name(
            line: "sources: {g: {adapter: gplug, labels: ./mine}}",
            mistake: "cannot read the label dictionary \"./mine\": no such file or directory"),
        Name(
            line: "sources: {j: {adapter: json, subscribe: a, mapping: binary.yaml}}",
            mistake: "cannot read the mapping \"binary.yaml\": not text in UTF-8"),
    ]

    @Test(arguments: names) func `a named file that is none says why`(name: Name) throws {
        let folder = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/sub", withIntermediateDirectories: false)
        try Data([0x66, 0xff, 0xfe]).write(to: URL(fileURLWithPath: "\(folder.path)/binary.yaml"))
        let loader = ConfigurationLoader(environment: [:])
        let text = name.line.hasPrefix("sources") ? "" : "\nsources: {g: {adapter: gplug}}"
        _ = loader.load("zone: UTC\n\(name.line)\(text)", file: "\(folder.path)/bridge.yaml")
        let messages = loader.problems.sorted.map(\.message)
        #expect(messages.count == 1 && messages.allSatisfy { $0.hasPrefix(name.mistake) }, "\(messages)")
    }

    @Test func `sources written as a list show how it is meant`() throws {
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load("zone: UTC\nsources:\n  - adapter: gplug\n", file: "bridge.yaml")
        #expect(
            loader.problems.sorted.map(\.description) == [
                "bridge.yaml:3:3: error: \"sources\" is a mapping of names to sources, not a list: a name of your own "
                    + "instead of each \"-\", for example sources: {gplug: {adapter: gplug}}"
            ])
    }

    @Test func `a key that is like no other comes with the list of those that are valid`() throws {
        let loader = ConfigurationLoader(environment: [:])
        _ = loader.load("zone: UTC\nfoo: 1\nsources: {g: {adapter: gplug}}\n", file: "bridge.yaml")
        let messages = loader.problems.sorted.map(\.description)
        #expect(messages.count == 1)
        #expect(
            messages[0].hasPrefix("bridge.yaml:2:1: error: unknown key \"foo\" in the configuration; valid: bridge, "))
    }

    @Test func `a misspelt command is known`() throws {
        #expect(try lines("runn", code: 64) == ["Error: no command \"runn\", did you mean \"run\"?"])
        #expect(try lines("help", "run", code: 0).contains { $0.hasPrefix("OVERVIEW: ") })
        #expect(Bridge.misspelt("--help") == nil)
        #expect(Bridge.misspelt("convert") == nil)
    }
}
