// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import Logging
import MQTT
import ServiceLifecycle
import UnixSignals

/// `run`: the bridge itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the bridge until it is stopped.",
        discussion: "Example: obis-bridge run --config /etc/obis-bridge/bridge.yaml")

    @Option(name: .shortAndLong, help: "The configuration file.")
    var config = "/etc/obis-bridge/bridge.yaml"

    func run() async throws {
        let loader = ConfigurationLoader()
        let loaded = loader.load(path: config)
        Problems.report(loader.problems)
        guard let loaded else { throw ExitCode.configuration }
        let logger = loaded.log.logger
        for source in loaded.sources {
            logger.info("source \"\(source.name)\": \(source.summary)")
        }
        // The library's own messages (signals, services) are of no use to an operator.
        var quiet = logger
        quiet.logLevel = .error
        let environment = ProcessInfo.processInfo.environment
        let manager = ServiceManager(environment: environment)
        let inbox = ConfigurationInbox()
        let inputs = InputQueue()
        let roster = InputRoster(loaded.inputs)
        let guardian = CrashGuard(
            directory: CrashGuard.directory(environment: environment), name: loaded.input.clientID)
        if guardian == nil { logger.debug("no runtime directory: a message that ends the bridge is not recognised") }
        let bridge = BridgeService(
            loaded, logger: logger,
            surroundings: BridgeHandler.Surroundings(
                manager: manager, inbox: inbox, guardian: guardian, inputs: inputs, roster: roster))
        let reload = ReloadService(
            path: config, files: loader.files.paths, inbox: inbox, relay: bridge.relay, manager: manager, logger: logger
        )
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: bridge, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup),
                    // Stopped first, so that what it delivered last is still published.
                    .init(service: InputService(roster: roster, queue: inputs, logger: logger)),
                    .init(service: reload, successTerminationBehavior: .ignore),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        do {
            try await group.run()
        } catch let error as MQTTError {
            logger.error("\(loaded.sentence(error))")
            if case .sessionTakenOver = error { throw ExitCode.takenOver }
            throw ExitCode.configuration
        }
    }
}
