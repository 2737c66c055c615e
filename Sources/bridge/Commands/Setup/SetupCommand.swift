// SPDX-License-Identifier: Apache-2.0
import Adapters
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import MQTT
import Machine

/// `setup`: writes a first configuration that works.
struct SetupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup", abstract: "Ask for the broker, listen to it, and write a configuration that works.",
        discussion: """
            It asks for the broker and its login, listens for a minute, shows the configuration and what would be published \
            with it, writes the file and checks it. Nothing is written before you say yes, and no file is replaced. The \
            password goes into a file of its own beside the configuration, readable by you alone.

            Exit codes: 0 written, 1 nothing found or not written, 69 broker unreachable or login refused.

            Examples:
              obis-bridge setup
              obis-bridge setup --broker mqtt://obis-bridge@10.0.0.5 --yes
            """)

    @Option(name: .shortAndLong, help: "The file to write, which must not exist.")
    var config = "bridge.yaml"
    @Option(help: "The broker, mqtt://USER@HOST:1883; the password is taken from OBIS_BRIDGE_PASSWORD, or asked for.")
    var broker: String?
    @Option(name: .customLong("for"), help: "How long to listen.")
    var span = "60s"
    @Flag(help: "Ask nothing: take every default.")
    var yes = false

    func validate() throws {
        try TimeSpan.validate(span, of: "--for", like: "60s or 15m")
        try BrokerOptions.validate(broker: broker, otherwise: "let setup ask")
    }

    func run() throws {
        for path in [config, passwordFile] where FileManager.default.fileExists(atPath: path) {
            throw CommandFailure("\(path) exists already: name another file with --config, or edit it")
        }
        let questions = Questions(takesDefaults: yes)
        let settings = try connect(questions)
        let (discovery, messages) = try listen(settings)
        StandardError.line(DiscoveryReport(discovery).text)
        guard let sources = DiscoveryYAML(discovery.findings).text else {
            throw CommandFailure(
                "Nothing to write. Does the reader publish to \(settings.address)? docs/countries says how a "
                    + "meter's port is unlocked, docs/sources which readers are known.")
        }
        let wantsHome = try questions.isYes("Shall Home Assistant find the meters?")
        let text = Self.configuration(
            settings, passwordFile: settings.password.map { _ in passwordFile }, sources: sources,
            outputs: wantsHome ? "[harmonized, home-assistant]" : "[harmonized]")
        try StandardOutput.print("\n\(config):\n")
        try StandardOutput.print(
            text.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }.joined(separator: "\n"))
        try preview(text, messages)
        guard try questions.isYes("Write \(config)?") else { throw CommandFailure("Nothing was written.") }
        try write(text, settings)
        _ = try ConfigurationLoader().required(path: config)
        try StandardOutput.print("\(config): written, no mistakes")
        try sayNext()
    }

    private var passwordFile: String {
        URL(fileURLWithPath: config).deletingLastPathComponent().appendingPathComponent("password").relativePath
    }

    // MARK: - Broker

    /// Asks until a broker accepts the login.
    private func connect(_ questions: Questions) throws -> BrokerSettings {
        let url = try broker ?? questions.text("Broker", default: "mqtt://localhost:1883")
        var settings = try BrokerOptions.configuration(broker: url, loader: ConfigurationLoader()).input.settings
        for attempt in 1...3 {
            if settings.username != nil, settings.password == nil {
                settings.password = try questions.secret("Password of \(settings.username ?? "")")
            }
            let client = OneShotClient(broker: settings, clientIDPrefix: "obis-bridge-setup")
            do throws(MQTTError) {
                try client.connect()
                client.close()
                return settings
            } catch {
                guard case .notAuthorised = error, attempt < 3, !yes else {
                    throw CommandFailure("\(error)", .unavailable)
                }
                StandardError.line(Terminal.escaped("\(error)"))
                settings.username = try questions.text(
                    "User name on the broker", default: settings.username ?? "obis-bridge")
                settings.password = nil
            }
        }
        throw ExitCode.unavailable
    }

    // MARK: - Readers

    private func listen(_ settings: BrokerSettings) throws -> (Discovery, [RawMessage]) {
        let profile = try Profile()
        var discovery = Discovery(placeholders: profile.placeholders)
        var listener = DiscoveryListener(
            settings, outputRoot: profile.topics.root, asks: false, interruption: Interruption())
        listener.keepsMessages = true
        do throws(MQTTError) {
            try listener.listen(
                to: &discovery, for: Duration(TimeSpan(span) ?? .minutes(1)), waiting: .zero)
        } catch {
            throw CommandFailure("\(error)", .unavailable)
        }
        return (discovery, listener.messages)
    }

    // MARK: - The file

    private static func configuration(
        _ settings: BrokerSettings, passwordFile: String?, sources: String, outputs: String
    ) -> String {
        let scheme = settings.tls == nil ? "mqtt" : "mqtts"
        var broker = "broker: \(scheme)://\(settings.address)\n"
        if let name = settings.username {
            var writer = JSONWriter()
            writer.string(name)
            let quoted = String(decoding: writer.bytes, as: UTF8.self)
            let secret = passwordFile == nil ? "" : ", password_file: password"
            broker = "broker: {url: \"\(scheme)://\(settings.address)\", username: \(quoted)\(secret)}\n"
        }
        let zone = Zone.host(ProcessInfo.processInfo.environment["TZ"])?.identifier
        return broker + (zone.map { "zone: \($0)\n" } ?? "") + sources + "outputs: \(outputs)\n"
    }

    /// Shows the readings of the received messages with this configuration.
    private func preview(_ text: String, _ messages: [RawMessage]) throws {
        let loader = ConfigurationLoader(environment: [:])
        // The password file is not there yet.
        let open = text.replacing(", password_file: password", with: "")
        let loaded = try loader.required(loader.load(open, file: config))
        var pipeline = Pipeline(loaded.pipelineSettings)
        var newest: [String: Publication] = [:]
        var publications: [Publication] = []
        for message in messages {
            // Retained messages are shown too: nothing is published here.
            var message = message
            message.isRetained = false
            publications += pipeline.handle(message)
        }
        publications += pipeline.flush(at: SystemClock.now)
        for publication in publications where publication.topic.hasSuffix("/reading") {
            // The largest reading of a meter tells most.
            let known = newest[publication.topic]?.payload.count ?? 0
            if publication.payload.count > known { newest[publication.topic] = publication }
        }
        let lines = ReadingText(profile: loaded.profile)
        try StandardOutput.print("\nWhat it would publish of what was heard:\n")
        for (_, publication) in newest.sorted(by: { $0.key < $1.key }) {
            for line in lines.lines(publication) ?? [] { try StandardOutput.print(line) }
        }
        try StandardOutput.print("")
    }

    private func write(_ text: String, _ settings: BrokerSettings) throws {
        do {
            if let password = settings.password {
                let isWritten = FileManager.default.createFile(
                    atPath: passwordFile, contents: Data((password + "\n").utf8),
                    attributes: [.posixPermissions: 0o600])
                guard isWritten else { throw CocoaError(.fileWriteUnknown) }
            }
            try Data(text.utf8).write(to: URL(fileURLWithPath: config), options: .withoutOverwriting)
        } catch {
            throw CommandFailure("cannot write \(config): \(error.localizedDescription)")
        }
    }

    private func sayNext() throws {
        let file = ShellWord.quoted(config)
        try StandardOutput.print("\nRun it here:\n  obis-bridge run --config \(file)")
        guard FileManager.default.fileExists(atPath: "/lib/systemd/system/obis-bridge.service") else { return }
        let secret = FileManager.default.fileExists(atPath: passwordFile) ? " \(ShellWord.quoted(passwordFile))" : ""
        try StandardOutput.print(
            """
            As a service, which starts with this computer:
              sudo install -m 640 -g obis-bridge \(file)\(secret) /etc/obis-bridge/
              sudo systemctl restart obis-bridge
            """)
    }
}
