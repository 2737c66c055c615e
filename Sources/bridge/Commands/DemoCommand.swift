// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import Logging
import MQTT
import Machine
import ServiceLifecycle
import ShippedFiles
import UnixSignals
import Web

/// `demo`: plays the plug-test's four meters on a private broker, and shows raw and harmonised messages side by side.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Play the recorded plug-test into a private broker and show what comes out.",
        discussion:
            "Nothing outside is touched: the broker is this command's own, on a free port, and ends with it (Ctrl-C).")

    @Option(help: "How many times as fast to play.")
    var speed = 1.0
    @Option(
        name: .customLong("for"), help: "End after this many seconds; by default with the recording, after a minute.")
    var seconds: Double?
    @OptionGroup var log: LogOptions

    func validate() throws {
        guard speed > 0, speed <= 1000 else { throw ValidationError("--speed is a number from 0.01 to 1000.") }
        guard (0...86_400).contains(seconds ?? 0) else {
            throw ValidationError("--for is a number of seconds up to 86400.")
        }
    }

    func run() async throws {
        guard let broker = PrivateBroker() else {
            throw CommandFailure(
                "mosquitto is not installed; Scripts/run installs it, or: apt install mosquitto", .unavailable)
        }
        let recording = try DemoReaders.recording()
        let loader = ConfigurationLoader()
        let text = String(decoding: ShippedDemo.configuration, as: UTF8.self)
        var loaded = try loader.required(loader.load(text, file: "demo.yaml"), otherwise: .configuration)
        loaded.input.settings.port = broker.port
        loaded.input.settings.host = "127.0.0.1"
        loaded.output = loaded.input
        let quietly = LogSettings(format: log.settings.format, level: .error).logger
        let page = await Self.page(quietly)
        loaded.http = page?.server.settings
        let configuration = loaded
        let place = page.map { "The page: http://\($0.server.settings)/\n\n" } ?? ""
        try StandardOutput.print(
            """
            \(place)Four meters of four utilities, as their readers send them and as obis-bridge publishes them.
            The same to look at from outside: mosquitto_sub -p \(broker.port) -v -t 'harmonized/#'
            It takes \(Int((seconds ?? recording.seconds / speed).rounded(.up))) seconds; Ctrl-C ends it sooner.

            """)
        let logger = LogSettings(format: log.settings.format, level: .warning).logger
        let printer = DemoPrinter(profile: configuration.profile)
        let (speed, seconds) = (speed, seconds)
        try await broker.run {
            let settings = configuration.input.settings
            try await Self.waitForBroker(settings)
            let bridge = BridgeService(
                configuration, logger: logger,
                surroundings: BridgeHandler.Surroundings(access: page?.web.access, observer: { printer.show($0, $1) }))
            let readers = DemoReaders(
                recording: recording, broker: settings, zone: configuration.sources[0].zone, speed: speed,
                duration: seconds, isWanted: { printer.fault == nil })
            var quiet = logger
            quiet.logLevel = .critical
            let group = ServiceGroup(
                configuration: .init(
                    services: [
                        .init(service: bridge, successTerminationBehavior: .gracefullyShutdownGroup),
                        .init(service: readers, successTerminationBehavior: .gracefullyShutdownGroup),
                    ], gracefulShutdownSignals: [.sigint, .sigterm], logger: quiet))
            try await group.run()
        }
        await page?.server.stop()
        if let fault = printer.fault { throw fault }
        try printer.end(command: Self.command)
    }

    /// The page, on the first free port from 8080 on; nil where none is free.
    private static func page(_ logger: Logger) async -> (web: WebSurroundings, server: WebServer)? {
        for port in 8080..<8100 {
            guard let address = ListenAddress("\(port)") else { continue }
            let settings = WebSettings(address: address)
            let web = WebSurroundings(settings) { Desks(tap: $0, environment: [:]) }
            if let server = try? await WebServer.start(settings, routes: web.routes, logger: logger) {
                return (web, server)
            }
        }
        return nil
    }

    /// The command that calls this program: `Scripts/run` until it is installed.
    private static var command: String {
        CommandLine.arguments.first?.contains(".build/") == true ? "Scripts/run" : "obis-bridge"
    }

    /// Waits for the broker, which starts in milliseconds; ten seconds are for a busy computer.
    private static func waitForBroker(_ settings: BrokerSettings) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            let client = OneShotClient(broker: settings)
            do {
                try client.connect(timeout: .seconds(1))
                client.close()
                return
            } catch {
                if ContinuousClock.now > deadline { throw error }
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }
}
