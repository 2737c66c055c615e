// SPDX-License-Identifier: Apache-2.0
import Foundation
import Logging
import TestSupport
import Testing

@testable import BridgeConfiguration
@testable import BridgeRuntime
@testable import PlugTest

/// Standard output and standard error that cannot be written.
@Suite(.timeLimit(.minutes(12 * Patience.factor))) struct UnwritableTests {
    /// What bash makes of a descriptor before the program is started.
    enum Obstacle: String, CaseIterable, Sendable {
        case fullDisk = "exec N>/dev/full"
        case closed = "exec N>&-"
        case nobodyReads = "exec N> >(exit); wait $!"

        func prelude(_ descriptor: Int) -> String { rawValue.replacing("N>", with: "\(descriptor)>") }
    }

    private static let commands = [
        "--version", "help", "schema --kind json-schema", "schema --kind yaml-editor", "check --print-profile",
        "check --config bridge.yaml", "convert --adapter gplug --zone UTC payload.json", "test cases.yaml",
        "replay recording.jsonl --config bridge.yaml --through",
        "plugtest --config bridge.yaml --input recording.jsonl",
        "discover --input recording.jsonl", "test --config bridge.yaml --write recording.jsonl",
    ]

    private func folder() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.write(
            "bridge.yaml",
            "bridge: t\nzone: UTC\nsources: {g: {adapter: gplug, labels: gplug-e-as3000, subscribe: tele/g/SENSOR}}")
        let payload = #"{"Time":"2026-11-20T22:40:02","z":{"Pi":11,"B1":1.5}}"#
        try directory.write("payload.json", payload)
        let text = payload.replacing("\"", with: "\\\"")
        try directory.write(
            "recording.jsonl",
            (2...8).map {
                #"{"received":"2026-11-20T22:40:0\#($0)Z","topic":"tele/g/SENSOR","payload":"\#(text)"}"# + "\n"
            }.joined())
        try directory.write("cases.yaml", "cases: []\n")
        return directory
    }

    /// Runs a command whose standard output goes where `prelude` says; what it writes to standard error, and `code N`.
    private func run(_ command: String, _ prelude: String, in directory: TemporaryDirectory) throws -> [String] {
        let script =
            "cd '\(directory.path)'; exec 4>&1; \(prelude); '\(RunningBridge.program)' \(command); echo code $? >&4"
        let process = try ChildProcess("bash", ["-c", script])
        #expect(process.wait(seconds: 30) == 0)
        return process.output.value.lines
    }

    @Test(arguments: commands, Obstacle.allCases)
    func `a command whose output cannot be written says so once, and ends with 74`(
        command: String, obstacle: Obstacle
    ) throws {
        let lines = try run(command, obstacle.prelude(1), in: folder())
        #expect(lines.count { $0.hasPrefix("Error: cannot write standard output: ") } == 1, "\(lines)")
        #expect(lines.last == "code 74", "\(lines)")
    }

    @Test(arguments: Obstacle.allCases)
    func `what cannot be said on standard error does not change how a command ends`(obstacle: Obstacle) throws {
        let directory = try folder()
        let command = "convert --adapter gplug --zone UTC payload.json"
        // A diagnostic for the unknown label goes to standard error.
        try directory.write("payload.json", #"{"z":{"Pi":11,"unknown":1.5}}"#)
        let lines = try run(command, obstacle.prelude(2), in: directory)
        #expect(lines.contains { $0.contains("harmonized/v1/meter/") }, "\(lines)")
        #expect(lines.last == "code 0", "\(lines)")
    }

    @Test func `all of a long output arrives when its reader is slow and does not block`() throws {
        let directory = try folder()
        // A pipe that holds 64 KiB and refuses more instead of making the writer wait.
        let script = """
            cd '\(directory.path)'; mkfifo pipe; (sleep 0.5; cat) <pipe | cksum & exec 5>pipe
            perl -MFcntl -e 'open(F, ">&=5"); fcntl(F, F_SETFL, O_WRONLY | O_NONBLOCK)'
            '\(RunningBridge.program)' schema --kind asyncapi >&5; echo code $?; exec 5>&-; wait
            '\(RunningBridge.program)' schema --kind asyncapi | cksum
            """
        let process = try ChildProcess("bash", ["-c", script])
        #expect(process.wait(seconds: 30) == 0)
        let lines = process.output.value.lines
        #expect(lines.count == 3 && lines.first == "code 0" && lines.dropFirst().first == lines.last, "\(lines)")
        let bytes = lines.last?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        #expect(bytes > 65_536, "the pipe takes all of it")
    }

    @Test(arguments: [
        "watch --broker mqtt://localhost:PORT", "record - --broker mqtt://localhost:PORT --topic '#'",
        "demo --speed 20",
    ])
    func `a command that listens ends when whoever reads it has gone, though nothing more comes`(
        command: String
    ) throws {
        let broker = try MosquittoBroker()
        let web = try WebBridge(broker: broker.port)
        try web.meter()
        #expect(web.bridge.stop() == 0)
        let words = command.replacing("PORT", with: "\(broker.port)")
        let script = "'\(RunningBridge.program)' \(words) | head -n 1; echo code ${PIPESTATUS[0]}"
        let process = try ChildProcess("bash", ["-c", script])
        #expect(process.wait(seconds: 60) == 0)
        #expect(process.output.value.lines.last == "code 74", "\(process.output.value.lines)")
    }

    /// Ways in which the log of `run` cannot be written, as bash makes them.
    private static let logs = [
        Obstacle.fullDisk.prelude(2), Obstacle.closed.prelude(2), Obstacle.nobodyReads.prelude(2),
        // A reader that has stopped reading: the pipe is full.
        "mkfifo pipe; exec 2<>pipe; head -c 65536 /dev/zero >&2",
        // The same, and writing is refused instead of waited for.
        "mkfifo pipe; exec 2<>pipe; head -c 65536 /dev/zero >&2; "
            + "perl -MFcntl -e 'fcntl(STDERR, F_SETFL, O_RDWR | O_NONBLOCK)'",
        "exec 2>log; ulimit -f 1; head -c 1024 /dev/zero >&2",
        // None of the first three descriptors is there.
        "exec 0<&- 1>&- 2>&-",
    ]

    @Test(arguments: logs)
    func `the bridge serves on when its log cannot be written, and blames no message`(prelude: String) throws {
        let directory = try folder()
        let broker = try MosquittoBroker()
        let port = try freePort()
        try directory.write("bridge.yaml", WebBridge.configuration(broker: broker.port, http: "\(port)"))
        let script =
            "cd '\(directory.path)'; \(prelude); RUNTIME_DIRECTORY=. exec '\(RunningBridge.program)' run --config bridge.yaml"
        let process = try ChildProcess("bash", ["-c", script])
        try waitForAnswer("/readyz", port: port)
        // A line of the log for each, and a reject.
        for number in 1...20 {
            try mosquittoPub(port: broker.port, topic: "tele/g/SENSOR", payload: "{\"z\":{\"odd\(number)\":1}}")
        }
        process.kill(SIGHUP)
        try mosquittoPub(port: broker.port, topic: "tele/g/SENSOR", payload: "{\"z\":{\"Pi\":4711,\"B1\":1.5}}")
        try waitForAnswer("/v1/meters/house", port: port) { $0.text.contains("4711") }
        let metrics = try http("/metrics", port: port).text
        let lost = metrics.split(separator: "\n").first { $0.hasPrefix("obis_bridge_log_lines_lost_total ") }
        // A full pipe may be read again: its lines wait.
        if !prelude.contains("pipe") { #expect(lost != nil && lost?.hasSuffix(" 0") == false, "\(metrics)") }
        process.kill(SIGTERM)
        #expect(process.wait(seconds: 30) == 0)
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/t-in.suspects"))
    }

    private func waitForAnswer(
        _ target: String, port: Int, where predicate: (HTTPAnswer) -> Bool = { $0.status == 200 }
    ) throws {
        for _ in 0..<400 {
            if let answer = try? http(target, port: port), predicate(answer) { return }
            Thread.sleep(forTimeInterval: 0.05)
        }
        throw SupportError("\(target) does not answer as it should")
    }

    @Test func `a closed descriptor's number is no connection's`() throws {
        let directory = try folder()
        let broker = try MosquittoBroker()
        let port = try freePort()
        try directory.write("bridge.yaml", WebBridge.configuration(broker: broker.port, http: "\(port)"))
        let script =
            "cd '\(directory.path)'; exec 0<&- 1>&- 2>&-; exec '\(RunningBridge.program)' run --config bridge.yaml"
        let process = try ChildProcess("bash", ["-c", script])
        try waitForAnswer("/readyz", port: port)
        for number in 0...2 {
            let path = "/proc/\(process.processID)/fd/\(number)"
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) == "/dev/null", "\(number)")
        }
        process.kill(SIGTERM)
        #expect(process.wait() == 0)
    }

    @Test(arguments: [8, 12, 20], ["run --config bridge.yaml", "watch --broker mqtt://localhost:1"])
    func `too few file descriptors are a sentence`(limit: Int, command: String) throws {
        let lines = try run(command, "ulimit -n \(limit); exec 3>&- 1>&2", in: folder())
        let said = lines.contains { $0.contains("file descriptors are left, and ") }
        // With a few more a client finds out by itself that nobody listens there.
        #expect(said || lines.contains { $0.contains("cannot reach localhost:1") }, "\(lines)")
        #expect(lines.last == "code 71" || lines.last == "code 69", "\(lines)")
    }
}

/// The buffer between the loop and the log.
struct LogWriterTests {
    private func pipe() throws -> (reader: FileHandle, writer: FileHandle) {
        let pipe = Pipe()
        return (pipe.fileHandleForReading, pipe.fileHandleForWriting)
    }

    private func writer(_ descriptor: Int32, limit: Int = 256 << 10) -> LogWriter {
        LogWriter(descriptor: descriptor, limit: limit) { lost, reason in "(\(lost) lost: \(reason))" }
    }

    @Test func `lines arrive whole and in order`() throws {
        let (reader, end) = try pipe()
        let writer = writer(end.fileDescriptor)
        for number in 1...1000 { writer.append("line \(number)") }
        writer.flush(within: .seconds(30))
        try end.close()
        let text = String(decoding: try reader.readToEnd() ?? Data(), as: UTF8.self)
        #expect(text == (1...1000).map { "line \($0)\n" }.joined())
        #expect(writer.linesLost == 0)
    }

    @Test func `of a reader that stops some lines wait, the rest is counted, and told when it reads again`() throws {
        let (reader, end) = try pipe()
        let filler = [UInt8](repeating: 10, count: 65_536)
        #expect(write(end.fileDescriptor, filler, filler.count) == filler.count)
        let writer = writer(end.fileDescriptor, limit: 1000)
        for number in 1...100 { writer.append("\(100_000 + number)" + String(repeating: "x", count: 43)) }
        let lost = writer.linesLost
        #expect((79...81).contains(lost), "20 lines of 50 bytes fit, and one is being written: \(lost)")
        #expect(try reader.read(upToCount: filler.count)?.count == filler.count)
        writer.flush(within: .seconds(30))
        writer.append("next")
        writer.flush(within: .seconds(30))
        try end.close()
        let lines = String(decoding: try reader.readToEnd() ?? Data(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 100 - lost + 2, "\(lines)")
        #expect(lines.dropLast(2).map { $0.prefix(6) } == (1...(100 - lost)).map { "\(100_000 + $0)" }, "\(lines)")
        #expect(lines.suffix(2) == ["(\(lost) lost: nobody read them)", "next"])
    }

    @Test func `what a full disk did not take is counted, and told when there is room again`() throws {
        let directory = try TemporaryDirectory()
        let descriptor = open("/dev/full", O_WRONLY)
        defer { close(descriptor) }
        let writer = writer(descriptor)
        for number in 1...3 { writer.append("line \(number)") }
        writer.flush(within: .seconds(30))
        #expect(writer.linesLost == 3)
        let file = open("\(directory.path)/log", O_WRONLY | O_CREAT, 0o600)
        #expect(dup2(file, descriptor) == descriptor)
        close(file)
        writer.append("line 4")
        writer.flush(within: .seconds(30))
        let text = try String(contentsOfFile: "\(directory.path)/log", encoding: .utf8)
        #expect(text == "(3 lost: No space left on device)\nline 4\n")
        #expect(writer.linesLost == 3)
    }

    @Test func `a reload changes every logger, one made before it too`() throws {
        let log = Log(LogSettings(format: .text, level: .warning))
        let logger = log.logger
        var quiet = log.logger
        quiet.logLevel = .error
        #expect(logger.logLevel == .warning)
        log.replace(with: LogSettings(format: .json, level: .debug))
        #expect(logger.logLevel == .debug)
        #expect(quiet.logLevel == .error)
    }
}
