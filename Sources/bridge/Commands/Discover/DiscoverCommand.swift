// SPDX-License-Identifier: Apache-2.0
import Adapters
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import Inputs
import MQTT
import Machine
import PlugTest

/// `discover`: finds the meters on a broker, and proposes the `sources:` for them.
struct DiscoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discover", abstract: "Listen to a broker, or read a recording, and propose the sources to write.",
        discussion: """
            The report goes to standard error, the YAML to standard output. It needs nothing but a broker. With --config, what that configuration reads \
            already is shown and not proposed again. A reader that has shown only single values is waited for; Ctrl-C ends \
            the listening with what was heard.

            Examples:
              obis-bridge discover --broker mqtt://localhost --for 60s
              obis-bridge discover --broker mqtt://localhost --ask --write sources.yaml
              obis-bridge discover --config bridge.yaml
              obis-bridge discover --input recording.jsonl
              obis-bridge discover --report report.md
              obis-bridge discover --serial /dev/ttyUSB0    tries the usual speeds and formats of a serial port
            """)

    @Option(help: "The broker, mqtt://USER@HOST:1883; the password is taken from OBIS_BRIDGE_PASSWORD.")
    var broker: String?
    @Option(name: .shortAndLong, help: "Take the broker from this configuration.")
    var config: String?
    @Option(help: "Read this recording (JSON Lines) instead of listening.")
    var input: String?
    @Option(help: "Try the usual speeds and formats of this serial port instead.")
    var serial: String?
    @Option(
        name: .customLong("for"), help: "How long to listen; meters push every 5 to 60 s, some lists every 15 minutes.")
    var span = "60s"
    @Option(help: "How much longer to wait for readers that have shown single values only; 0s for not at all.")
    var wait = "310s"
    @Flag(help: "Ask Tasmota readers for a whole message (Status 10).")
    var ask = false
    @Option(help: "Write the YAML to this file, which must not exist.")
    var write: String?
    @Option(help: "Write what was seen, anonymised, to this file: something to attach to an issue.")
    var report: String?

    func validate() throws {
        try TimeSpan.validate(span, of: "--for", like: "60s or 15m")
        try TimeSpan.validate(wait, of: "--wait", like: "60s or 15m")
        try BrokerOptions.validate(broker: broker, config: config)
        if serial != nil, broker != nil || input != nil || ask || report != nil || config != nil {
            throw ValidationError("--serial reads a serial port and nothing else.")
        }
        if input != nil, broker != nil || ask {
            throw ValidationError("--input reads a recording: no broker is asked.")
        }
    }

    func run() throws {
        for path in [write, report].compactMap(\.self) where FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("\(path) exists already: name another file, or print the YAML and paste it")
        }
        if let serial { return try discover(serial) }
        let configuration = try target()
        let profile = configuration.profile
        var discovery = Discovery(
            placeholders: profile.placeholders, sources: configuration.sources, own: configuration.ownReaders)
        if let input {
            for message in try RecordedTraffic.required(path: input).messages
            where !RecordedTraffic.isMark(message.topic) {
                discovery.hear(message)
            }
        } else {
            var listener = DiscoveryListener(
                configuration.input.settings, outputRoot: profile.topics.root, asks: ask,
                interruption: Interruption())
            try configuration.reachingBroker {
                try listener.listen(
                    to: &discovery, for: Duration(TimeSpan(span) ?? .zero),
                    waiting: Duration(TimeSpan(wait) ?? .zero))
            }
        }
        let seen = DiscoveryReport(discovery)
        StandardError.line(seen.text)
        if let report {
            try Self.save(DiscoveryDocument(discovery).text, to: report)
            StandardError.line("The report is in \(report), without ids: check it before you share it.")
        }
        let yaml = DiscoveryYAML(seen.findings).text
        guard let yaml else {
            if seen.findings.isEmpty { throw ExitCode.faults }
            return
        }
        try put(yaml)
    }

    private func put(_ yaml: String) throws {
        if let write {
            try Self.save(yaml, to: write)
            StandardError.line("Written to \(write).")
        } else {
            try StandardOutput.print(yaml, terminator: "")
        }
    }

    private func discover(_ device: String) throws {
        let discovery = SerialDiscovery(
            device: device, patience: Duration(TimeSpan(span) ?? .zero), interruption: Interruption())
        let found: SerialDiscovery.Result
        do throws(InputFault) { found = try discovery.search() } catch {
            throw CommandFailure("\(device): \(error)")
        }
        try put(found.yaml)
    }

    private static func save(_ text: String, to path: String) throws {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting) } catch {
            throw CommandFailure("cannot write \(path): \(error.localizedDescription)")
        }
    }

    private func target() throws -> Configuration {
        var loader = ConfigurationLoader()
        loader.needsSources = false
        if let config { return try loader.required(path: config) }
        var configuration = try BrokerOptions.configuration(broker: broker ?? "mqtt://localhost", loader: loader)
        // Mappings in folders of the working directory are tried, too.
        configuration.ownReaders = OwnReadersFolder(files: .workingDirectory).read { mark, message in
            StandardError.line(Terminal.escaped("\(mark): error: \(message)"))
        }
        return configuration
    }
}
