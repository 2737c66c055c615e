// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Harmonizer

/// `check`: every mistake of profile and configuration in one pass.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Report every mistake of a configuration and its profile, without a broker.",
        discussion: """
            Examples:
              obis-bridge check --config bridge.yaml
              obis-bridge check --config bridge.yaml --print-profile
              obis-bridge check --print-profile          the shipped profile
            """)

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config: String?

    @Flag(help: "Print the merged profile, each value with the file and line it comes from.")
    var printProfile = false

    func validate() throws {
        if config == nil, !printProfile { throw ValidationError("Name the file to check: --config bridge.yaml") }
    }

    func run() throws {
        guard let config else {
            let problems = ProblemList()
            let finder = ProfileFinder(problems: problems, files: FileFinder(configuration: "."))
            guard let profile = finder.profile(nil, at: SourceMark(file: "", line: 1, column: 1)) else {
                throw ExitCode.faults
            }
            print(profile.source.annotatedText(), terminator: "")
            return
        }
        let loader = ConfigurationLoader()
        let loaded = loader.load(path: config)
        Problems.report(loader.problems)
        guard let loaded else { throw ExitCode.faults }
        if printProfile {
            print(loaded.profile.source.annotatedText(), terminator: "")
            return
        }
        for source in loaded.sources {
            let meter = source.meter.map { ", meter \($0)" } ?? ""
            print(Terminal.escaped("source \(source.name): \(source.summary)\(meter)"))
        }
        let topics = loaded.profile.topics
        print("publishes below \(topics.root)/ as bridge \(loaded.bridge), profile \(loaded.profile.name)")
        for (output, filter, _) in loaded.outputs.filters { print("output \(output): \(filter)") }
        if loaded.output != loaded.input, !loaded.outputs.birthTopics.isEmpty {
            print(
                "note: \(loaded.outputs.birthTopics.joined(separator: ", ")) is read from the input broker; Home Assistant "
                    + "on the output broker is told what there is by retained messages only")
        }
        print("\(config): no mistakes")
    }
}
