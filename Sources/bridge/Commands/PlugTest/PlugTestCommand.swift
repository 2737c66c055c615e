// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import Machine
import PlugTest
import Wire

/// `plugtest`: judges every meter and reader, from a broker or from a recording.
struct PlugTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugtest", abstract: "Judge every meter and reader: as it sends, and as it is harmonised.",
        discussion: """
            Listens to the sources of a configuration, or reads a recording, and writes a report with a row for each meter and \
            reader. It publishes nothing, and the same recording gives the same report. Progress goes to standard error; \
            Ctrl-C ends the listening with what was heard. docs/plugtest.md says what each verdict means.

            Exit codes: 0 pass, 1 incomplete or fail, 2 not observed, 69 broker unreachable.

            Examples:
              obis-bridge plugtest --config bridge.yaml
              obis-bridge plugtest --config bridge.yaml --for 2h --record today.jsonl --format html > report.html
              obis-bridge plugtest --config bridge.yaml --input today.jsonl --baseline last-year.json
            """)

    @Option(name: .shortAndLong, help: "The configuration with the sources, and with what is expected under plugtest.")
    var config: String
    @Option(
        name: .customLong("for"),
        help: "How long to listen; M-Bus values come every 15 minutes and are missed after twice as long.")
    var span = "35m"
    @Option(help: "Judge this recording (JSON Lines) instead of listening.")
    var input: String?
    @Option(help: "What to write: terminal, markdown, html, json, csv.")
    var format: PlugTestFormat = .terminal
    @Option(help: "Write the recording of what is heard to this file, which must not exist.")
    var record: String?
    @Option(help: "Show what changed against this report of --format json.")
    var baseline: String?
    @Flag(
        help:
            "Replace serials and host names in the report, and in a recording beside it: RECORDING.anonymised.jsonl, or --record."
    )
    var anonymise = false
    @Flag(help: "Replace the file of --record, or the anonymised recording.")
    var force = false
    @Flag(help: "Count repairs as failures.")
    var strict = false
    @OptionGroup var log: LogOptions

    func validate() throws {
        try TimeSpan.validate(span, of: "--for", like: "35m or 2h")
        if input != nil, record != nil, !anonymise {
            throw ValidationError("--record is for what is heard; --input is a recording.")
        }
        if anonymise, input == nil || input == "-", record == nil {
            throw ValidationError(
                "--anonymise needs --record FILE for the anonymised recording of what is heard, or of standard input.")
        }
    }

    func run() throws {
        let loaded = try ConfigurationLoader(logFormat: log.format).required(path: config)
        let former = try baseline.map(Self.report)
        var setup = loaded.plugTestSetup
        var bytes = try input.map { try BoundedFile.required($0, limit: RecordedTraffic.limit) } ?? heard(loaded)
        var messages = try RecordedTraffic.required(bytes, name: input.map(BoundedFile.name) ?? "the recording")
            .messages
        guard !messages.isEmpty else {
            throw CommandFailure(
                "\(input ?? "the recording"): there is no message in it", ExitCode(PlugTestVerdict.notObserved.exitCode)
            )
        }
        if anonymise { (messages, setup, bytes) = try anonymised(messages, setup) }
        var run = PlugTestRun(setup)
        for message in messages { run.take(message) }
        var report = run.report(
            sha256: SHA256.hexadecimal(of: Array(bytes)), version: Program.version, isStrict: strict,
            isAnonymised: anonymise)
        if let former { report.changes = BaselineComparison(before: former, now: report).changes }
        try StandardOutput.print(format.text(report, isColoured: Terminal.isColoured(STDOUT_FILENO)), terminator: "")
        guard report.verdict.exitCode == 0 else { throw ExitCode(report.verdict.exitCode) }
    }

    /// Replaces all names, and writes the recording with the new names to a file.
    private func anonymised(
        _ messages: [RawMessage], _ setup: PlugTestSetup
    ) throws -> ([RawMessage], PlugTestSetup, Data) {
        guard !messages.contains(where: Anonymiser.isSealed) else {
            throw CommandFailure(
                "encrypted telegrams cannot be anonymised: the header that opens them is the meter's serial")
        }
        let anonymiser = Anonymiser(messages, setup)
        let replaced = messages.map(anonymiser.message)
        let bytes = Data(replaced.flatMap(RecordedTraffic.line))
        let path = record ?? Self.anonymisedName(input ?? "recording.jsonl")
        // The same recording gives the same names: the file of an earlier run may stay.
        if record != nil || FileManager.default.contents(atPath: path) != bytes {
            let file = try TrafficFile(path, replaces: force)
            for message in replaced { try file.append(message) }
        }
        StandardError.line(Terminal.escaped("The anonymised recording is \(path)."))
        let renamed = anonymiser.setup(setup)
        // The recipient of the recording needs the filters that fit it.
        for (old, new) in zip(setup.pipeline.sources, renamed.pipeline.sources) where old.filters != new.filters {
            let filters = new.filters.map(\.filter).joined(separator: ", ")
            StandardError.line(Terminal.escaped("In it the source \(new.name) is: subscribe: [\(filters)]"))
        }
        return (replaced, renamed, bytes)
    }

    /// `today.jsonl` becomes `today.anonymised.jsonl`.
    static func anonymisedName(_ path: String) -> String {
        let stem = path.hasSuffix(".jsonl") ? String(path.dropLast(6)) : path
        return "\(stem).anonymised.jsonl"
    }

    private static func report(_ path: String) throws -> PlugTestReport {
        let bytes = try BoundedFile.required(path, limit: RecordedTraffic.limit)
        guard let report = try? JSONDecoder().decode(PlugTestReport.self, from: bytes),
            report.schema == PlugTestReport.format
        else {
            throw CommandFailure("\(path) is no report of plugtest --format json")
        }
        return report
    }
}

extension PlugTestFormat: ExpressibleByArgument {}
