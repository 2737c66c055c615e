// SPDX-License-Identifier: Apache-2.0
import Adapters
import ArgumentParser
import Foundation
import Harmonizer
import MQTT

/// `discover`: what on this broker is a meter, and the `sources:` to write for it.
struct DiscoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover", abstract: "Listen to a broker and propose the sources to write.",
        discussion: """
            The report goes to standard error, the YAML to standard output.

            Examples:
              obis-bridge discover --broker mqtt://localhost --for 60s
              obis-bridge discover --config bridge.yaml --write sources.yaml
            """)

    @Option(help: "The broker, mqtt://HOST:1883.")
    var broker: String?
    @Option(name: .shortAndLong, help: "Take the broker from this configuration.")
    var config: String?
    @Option(
        name: .customLong("for"), help: "How long to listen; meters push every 5 to 60 s, some lists every 15 minutes.")
    var span = "60s"
    @Option(help: "Write the YAML to this file.")
    var write: String?

    func validate() throws {
        if TimeSpan.milliseconds(span) == nil { throw ValidationError("--for is a time span such as 60s or 15m.") }
        if broker != nil, config != nil { throw ValidationError("Name --broker or --config, not both.") }
    }

    func run() throws {
        let problems = ProblemList()
        let (settings, profile) = try target(problems)
        let client = OneShotClient(broker: settings)
        var discovery = Discovery(placeholders: profile.placeholders)
        do throws(MQTTError) {
            try client.connect()
            try client.subscribe([TopicFilter("#", qos: .atMostOnce)])
            Problems.print(error: "Listening on \(settings.address) for \(span) ...")
            let end = ContinuousClock.now + .milliseconds(TimeSpan.milliseconds(span) ?? 0)
            while ContinuousClock.now < end {
                guard let message = try client.receive(timeout: end - .now) else { break }
                guard !message.topic.hasPrefix(profile.topics.root + "/") else { continue }
                discovery.hear(
                    RawMessage(
                        topic: message.topic, payload: message.payload, isRetained: message.isRetained,
                        received: SystemClock.now))
            }
        } catch {
            Problems.print(error: "\(error)")
            throw ExitCode.unavailable
        }
        client.close()
        let report = DiscoveryReport(discovery)
        Problems.print(error: report.text(profile: profile))
        guard !report.findings.isEmpty else { throw ExitCode.faults }
        if let write {
            try Data(report.yaml.utf8).write(to: URL(fileURLWithPath: write))
        } else {
            print(report.yaml, terminator: "")
        }
    }

    private func target(_ problems: ProblemList) throws -> (BrokerSettings, Profile) {
        if let config {
            let loader = ConfigurationLoader()
            guard let loaded = loader.load(path: config) else {
                Problems.report(loader.problems)
                throw ExitCode.faults
            }
            return (loaded.input.settings, loaded.profile)
        }
        let text = "zone: UTC\nbroker: \(broker ?? "mqtt://localhost")\nsources: {any: {adapter: p1}}\n"
        let loader = ConfigurationLoader()
        guard let loaded = loader.load(text, file: "--broker") else {
            Problems.report(loader.problems)
            throw ExitCode.faults
        }
        return (loaded.input.settings, loaded.profile)
    }
}
