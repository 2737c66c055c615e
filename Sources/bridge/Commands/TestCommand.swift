// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation
import Harmonizer
import Machine
import PlugTest

/// `test`: runs golden cases, messages in and publications out, through the pipeline of the bridge.
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run golden cases: messages in, expected publications out, without a broker.",
        discussion: """
            A case is a YAML file with the messages of a reader, their times of arrival, and what has to be published. Use it \
            to see that a change of your profile changes what you meant and nothing else. docs/golden-cases.md has the grammar.

            Names each case that fails, with file and line of the expectation and what was found instead, and exits 1; so does \
            a file that cannot be read.

            Examples:
              obis-bridge test cases/
              obis-bridge test --config bridge.yaml cases/heat-pump.yaml
              obis-bridge test --config bridge.yaml --write recording.jsonl > today.yaml
            """)

    @Option(name: .shortAndLong, help: "The base configuration of all cases; values in a case override it.")
    var config: String?
    @Flag(help: "Write a case from a recording: its messages with what is published for them now.")
    var write = false
    @Flag(name: .shortAndLong, help: "Name the cases that pass as well.")
    var verbose = false
    @Argument(help: "Files, or folders with *.yaml; with --write a recording.")
    var paths: [String]

    func run() throws {
        let problems = ProblemList()
        var standard: YAMLNode?
        if let config {
            guard let text = try? String(contentsOfFile: config, encoding: .utf8) else {
                throw CommandFailure(UnreadableFile.sentence(config))
            }
            let environment = ProcessInfo.processInfo.environment
            standard = YAMLLoader.load(text, file: config, environment: { environment[$0] }, problems: problems)
        }
        if write { return try writeCase(standard, problems: problems) }
        let files = try paths.flatMap(Self.files)
        let reader = CaseReader(problems: problems, standard: standard)
        let results = files.flatMap { reader.read(path: $0) }.map(CaseRunner.run)
        problems.report()
        for result in results { try report(result) }
        let failed = results.count { !$0.faults.isEmpty }
        let places = Count.text(files.count, "file")
        try StandardOutput.print(
            "\(Count.text(results.count, "case")) in \(places): \(results.count - failed) passed, \(failed) failed")
        guard failed == 0, problems.isUsable else { throw ExitCode.faults }
    }

    private func report(_ result: CaseResult) throws {
        let golden = result.golden
        if result.faults.isEmpty {
            guard verbose else { return }
            return try StandardOutput.print(
                Terminal.escaped("\(golden.mark.lineReference): passed: \(golden.name)"))
        }
        try StandardOutput.print(Terminal.escaped("\(golden.mark.lineReference): failed: \(golden.name)"))
        for fault in result.faults {
            let lines = "\(fault.mark): \(fault.text)".split(separator: "\n", omittingEmptySubsequences: false)
            for line in lines { try StandardOutput.print("  " + Terminal.escaped(String(line))) }
        }
    }

    private func writeCase(_ standard: YAMLNode?, problems: ProblemList) throws {
        guard paths.count == 1 else {
            throw CommandFailure(
                "--write takes one recording: lines of {\"received\": …, \"topic\": …, \"payload\": …}")
        }
        let messages = try RecordedTraffic.required(path: paths[0]).requiredMessages(name: BoundedFile.name(paths[0]))
        let writer = CaseWriter(problems: problems, configuration: standard, file: config ?? "")
        guard let text = writer.text(messages, name: paths[0].lastPathComponent) else {
            problems.report()
            throw ExitCode.faults
        }
        try StandardOutput.print(text, terminator: "")
    }

    /// A file, or the YAML files below a folder in the order of their names.
    static func files(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CommandFailure("there is no \(path)")
        }
        guard isFolder.boolValue else { return [path] }
        let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let files = names.filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }.sorted().map { "\(folder)/\($0)" }
        if files.isEmpty {
            throw CommandFailure("\(path) has no *.yaml")
        }
        return files
    }
}
