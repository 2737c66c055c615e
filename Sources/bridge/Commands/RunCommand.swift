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
        var logger = Logger(label: "obis-bridge") { _ in
            LineLogHandler(logLevel: loaded.log.level, format: loaded.log.format)
        }
        logger.logLevel = loaded.log.level
        for source in loaded.sources {
            logger.info("source \"\(source.name)\": \(source.summary)")
        }
        // The library's own messages (signals, services) are of no use to an operator.
        var quiet = logger
        quiet.logLevel = .error
        let inputs = InputQueue()
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: BridgeService(
                            loaded, logger: logger,
                            manager: ServiceManager(environment: ProcessInfo.processInfo.environment), inputs: inputs),
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup),
                    // Stopped first, so that what it delivered last is still published.
                    .init(service: InputService(inputs: loaded.inputs, queue: inputs, logger: logger)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        do {
            try await group.run()
        } catch let error as MQTTError {
            logger.error("\(Self.sentence(error, credentials: loaded.input.credentials))")
            if case .sessionTakenOver = error { throw ExitCode.takenOver }
            throw ExitCode.configuration
        }
    }

    /// The error with the line of the configuration to look at.
    static func sentence(_ error: MQTTError, credentials: String) -> String {
        if case .notAuthorised = error { return "\(error): check \(credentials)" }
        return "\(error)"
    }
}
