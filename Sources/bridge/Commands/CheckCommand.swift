// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import MQTT
import Machine

/// `check`: every mistake of profile and configuration in one pass.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Report every mistake of a configuration and its profile; with --connect also what the broker allows.",
        discussion: """
            Examples:
              obis-bridge check --config bridge.yaml
              obis-bridge check --config bridge.yaml --print-profile
              obis-bridge check --print-profile          the shipped profile
              obis-bridge check --config bridge.yaml --connect --for 60s

            With --connect it logs in under a random client id, writes a probe below its own bridge/ topic, reads it back, and \
            tells for each source what came; sources by HTTP are asked once, TCP and serial ones are read. It writes nowhere else, least of all on raw topics. \
            Exit codes: 0 everything works, 1 a mistake, something forbidden, or a source without a reading, 69 broker \
            unreachable or login refused.
            """)

    @Option(name: .shortAndLong, help: "The configuration file. \(ConfigurationPath.help)")
    var config: String?

    @Flag(help: "Print the merged profile, each value with the file and line it comes from.")
    var printProfile = false

    @Flag(help: "Connect to the broker and see what it lets through.")
    var connect = false

    @Option(name: .customLong("for"), help: "With --connect: how long to listen, 30s by default.")
    var span: String?

    func validate() throws {
        if connect, printProfile { throw ValidationError("--connect prints no profile.") }
        if let span, !connect || TimeSpan(span) == nil {
            throw ValidationError("--for is a time span such as 60s for --connect, not \"\(span)\".")
        }
    }

    func run() throws {
        if config == nil, printProfile {
            try StandardOutput.print(Profile().source.annotatedText(), terminator: "")
            return
        }
        let config = try ConfigurationPath.required(config)
        var loader = ConfigurationLoader()
        loader.isInContainer = ProcessWord.isInContainer(loader.environment)
        let loaded = try loader.required(path: config)
        if printProfile {
            try StandardOutput.print(loaded.profile.source.annotatedText(), terminator: "")
            return
        }
        for source in loaded.sources {
            let meter = source.meter.map { ", meter \($0)" } ?? ""
            try StandardOutput.print(Terminal.escaped("source \(source.name): \(source.summary)\(meter)"))
        }
        if loaded.isAutomatic {
            try StandardOutput.print("sources: auto: run listens at its first start, and adopts what it is certain of")
        }
        let topics = loaded.profile.topics
        try StandardOutput.print(
            "publishes below \(topics.root)/ as bridge \(loaded.bridge), profile \(loaded.profile.name)")
        for (output, filter, _) in loaded.outputs.filters { try StandardOutput.print("output \(output): \(filter)") }
        if let http = loaded.http { try StandardOutput.print("answers HTTP on http://\(http)") }
        if loaded.output != loaded.input, !loaded.outputs.birthTopics.isEmpty {
            try StandardOutput.print(
                "note: \(loaded.outputs.birthTopics.joined(separator: ", ")) is read from the input broker; Home Assistant "
                    + "on the output broker is told what there is by retained messages only")
        }
        try StandardOutput.print("\(config): no mistakes")
        guard connect else { return }
        try checkConnection(loaded)
    }

    private func checkConnection(_ configuration: Configuration) throws {
        let report = try configuration.reachingBroker {
            try ConnectionCheck(configuration, interruption: Interruption())
                .run(for: Duration(span.flatMap { TimeSpan($0) } ?? .seconds(30)))
        }
        for line in report.lines { try StandardOutput.print(Terminal.escaped(line)) }
        if !report.isComplete { throw ExitCode.faults }
    }
}
