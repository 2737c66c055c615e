// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Logging
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import Machine
@testable import PlugTest

/// What the log looks like in each format.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct LogFormatTests {
    private let time = Timestamp(seconds: 1_795_217_228, microseconds: 412_000, fractionDigits: 3)

    private func line(_ format: LogFormat, _ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        format.line(message, level: .warning, metadata: metadata, at: time)
    }

    @Test func `each format has its line`() {
        let metadata: Logger.Metadata = ["topic": "a/b", "n": "2"]
        #expect(line(.text, "late", metadata) == "2026-11-20T23:27:08.412Z warning: late n=2 topic=a/b")
        #expect(line(.journald, "late", metadata) == "<4>late n=2 topic=a/b")
        #expect(
            line(.json, "late", metadata)
                == #"{"time":"2026-11-20T23:27:08.412Z","level":"warning","message":"late","metadata":{"n":"2","topic":"a/b"}}"#
        )
        #expect(line(.json, "late") == #"{"time":"2026-11-20T23:27:08.412Z","level":"warning","message":"late"}"#)
    }

    @Test(arguments: LogFormat.allCases) func `nothing from a payload reaches a terminal or forges a line`(
        format: LogFormat
    ) {
        let text = line(format, "a\u{1b}[2J\nb\u{202e}\"\u{0}", ["k\n": "v\r<0>"])
        #expect(
            text.unicodeScalars.allSatisfy { !["\u{1b}", "\n", "\r", "\u{202e}", "\u{0}"].contains($0) }, "\(text)")
        #expect(text.contains(#"u{1b}[2J"#))
    }

    @Test(arguments: [
        (Logger.Level.critical, 2), (.error, 3), (.warning, 4), (.notice, 5), (.info, 6), (.debug, 7), (.trace, 7),
    ])
    func `the priority is syslog's`(level: Logger.Level, priority: Int) {
        #expect(LogFormat.journald.line("x", level: level, metadata: [:], at: time) == "<\(priority)>x")
    }

    @Test func `the journal is known by device and inode`() throws {
        let folder = try TemporaryDirectory()
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.write("log", "")))
        var status = stat()
        #expect(fstat(file.fileDescriptor, &status) == 0)
        let own = ["JOURNAL_STREAM": "\(status.st_dev):\(status.st_ino)"]
        #expect(LogFormat.isJournal(file.fileDescriptor, environment: own))
        // Somebody redirected it since, or nobody set the variable.
        #expect(!LogFormat.isJournal(file.fileDescriptor, environment: ["JOURNAL_STREAM": "8:\(status.st_ino + 1)"]))
        #expect(!LogFormat.isJournal(file.fileDescriptor, environment: [:]))
    }

    @Test(arguments: [["--log-format", "json"], []]) func `every line of run is an object`(arguments: [String]) throws {
        let folder = try TemporaryDirectory()
        let port = try freePort()
        let log = arguments.isEmpty ? "log: {format: json}" : "log: {format: text}"
        let path = try folder.write(
            "bridge.yaml",
            "zone: UTC\nbroker: mqtt://localhost:\(port)\n\(log)\nsources: {g: {adapter: gplug}}\nhttp: 0.0.0.0:\(try freePort())"
        )
        let bridge = try ChildProcess(RunningBridge.program, ["run", "--config", path] + arguments)
        #expect(bridge.wait(forLines: { $0.contains { $0.contains("cannot reach") } }))
        bridge.kill(SIGTERM)
        #expect(bridge.wait() == 0)
        let lines = bridge.output.value.lines
        for line in lines {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(Set(object.keys).isSubset(of: ["time", "level", "message", "metadata"]))
            #expect((object["time"] as? String)?.wholeMatch(of: /.{19}\.[0-9]{3}Z/) != nil)
        }
        // The warning of the configuration is one of them.
        #expect(lines.contains { $0.contains("everyone who reaches") }, "\(lines)")
    }

    @Test func `a configuration that cannot be read is logged as asked`() throws {
        let run = try ChildProcess(
            RunningBridge.program, ["run", "--config", "/nonexistent/bridge.yaml", "--log-format", "journald"])
        #expect(run.wait() == 78)
        #expect(
            run.output.value.lines == [
                "<3>/nonexistent/bridge.yaml: error: cannot read this file: no such file or directory"
            ])
    }

    @Test(arguments: ["run", "record", "watch", "plugtest", "demo"]) func `every command that logs takes a format`(
        command: String
    ) throws {
        let help = try ChildProcess(RunningBridge.program, [command, "--help"])
        #expect(help.wait() == 0)
        #expect(help.output.value.lines.contains { $0.contains("--log-format") })
        let wrong = try ChildProcess(RunningBridge.program, [command, "--log-format", "xml"])
        #expect(wrong.wait() == 64)
    }

    @Test(arguments: [
        ([:], true), (["NO_COLOR": ""], true), (["NO_COLOR": "1"], false), (["TERM": "dumb"], false),
        (["TERM": "xterm"], true),
    ])
    func `colours go where they are wanted`(environment: [String: String], isWanted: Bool) {
        #expect(Terminal.isColourWanted(environment) == isWanted)
    }
}
