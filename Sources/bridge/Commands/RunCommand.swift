// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import BridgeRuntime
import Foundation
import Harmonizer
import Inputs
import Logging
import MQTT
import Machine
import ServiceLifecycle
import UnixSignals
import Web

/// `run`: the bridge itself.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the bridge until it is stopped.",
        discussion: """
            Examples:
              obis-bridge run --config /etc/obis-bridge/bridge.yaml
              obis-bridge run --config bridge.yaml --log-format json

            SIGHUP, or a changed file, takes over another configuration; SIGTERM and Ctrl-C end it cleanly. With "http:" in the \
            configuration it answers HTTP: a page to look at (docs/page.md), meters, health and Prometheus metrics (docs/http.md).

            Exit codes: 0 stopped, 64 usage, 78 it cannot start (the configuration has mistakes, the broker refuses the \
            login, the port of "http" is taken), 79 at a terminal: the bridge is running already. docs/exit-codes.md explains each.
            """)

    @Option(name: .shortAndLong, help: "The configuration file. \(ConfigurationPath.help)")
    var config: String?
    @Option(help: "With sources: auto, how long to listen before what was found is adopted.")
    var listen = "60s"
    @OptionGroup var log: LogOptions

    /// The file descriptors that a running bridge needs: two connections, HTTP, files.
    private static let descriptors = 48

    func validate() throws {
        try TimeSpan.validate(listen, of: "--listen", like: "60s")
    }

    func run() async throws {
        let config = try ConfigurationPath.required(config, otherwise: .configuration)
        var loader = ConfigurationLoader(logFormat: self.log.format)
        loader.isInContainer = ProcessWord.isInContainer(loader.environment)
        var loaded = loader.load(path: config)
        let log = Log.buffered(loaded?.log ?? self.log.settings)
        defer { log.flush() }
        log.report(loader.problems)
        var files = loader.files.paths
        if loaded != nil { log.logger.info("configuration \(config)") }
        if let automatic = loaded, automatic.isAutomatic {
            (loaded, files) = try adopting(automatic, path: config, log)
        }
        guard let loaded else { throw ExitCode.configuration }
        let logger = log.logger
        if let shortage = Descriptors.shortage(of: Self.descriptors) {
            logger.error("\(shortage)")
            throw ExitCode.system
        }
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
        let (guardian, crashGuardProblem) = Self.guardian(environment, name: loaded.input.clientID, logger)
        let history = HistoryKeeper(loaded, logger: logger)
        let influx = InfluxWriter(loaded, logger: logger)
        let web = WebSurroundings(
            loaded.http, log: log.recent, historyPath: { history.path },
            desks: { Desks(tap: $0, environment: environment) })
        let server = try await start(web, at: loaded.http, logger)
        let bridge = BridgeService(
            loaded, logger: logger,
            surroundings: BridgeHandler.Surroundings(
                manager: manager, inbox: inbox, guardian: guardian, crashGuardProblem: crashGuardProblem,
                log: log, inputs: inputs, roster: roster, access: web.access,
                history: history, influx: influx, endsWhenAnotherRuns: ProcessWord.isAtTerminal(environment)))
        let reload = ReloadService(
            path: config, files: files, adopted: loaded.adopted, inbox: inbox, relay: bridge.relay, manager: manager,
            logger: logger,
            logFormat: self.log.format)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    // Stopped last, so that the last publications of the bridge are written too.
                    .init(service: influx),
                    .init(
                        service: bridge, successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .cancelGroup),
                    // Stopped first, so that its last messages are still published.
                    .init(service: InputService(roster: roster, queue: inputs, logger: logger)),
                    .init(service: reload, successTerminationBehavior: .ignore),
                    .init(service: WebService(web, server: server, logger: logger)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
        defer { history.close() }
        do {
            try await group.run()
            logger.info("stopped")
        } catch let error as MQTTError {
            logger.error("\(loaded.sentence(error))")
            switch error {
            case .sessionTakenOver, .alreadyRunning: throw ExitCode.takenOver
            default: throw ExitCode.configuration
            }
        } catch let shortage as ThreadShortage {
            logger.error("\(shortage)")
            throw ExitCode.system
        }
    }

    /// Opens the crash guard. The bridge also works without one; the reason is logged once, and is in `health`.
    private static func guardian(
        _ environment: [String: String], name: String, _ logger: Logger
    ) -> (CrashGuard?, problem: String?) {
        guard let directory = CrashGuard.directory(environment: environment) else {
            logger.debug("no runtime directory: a message that ends the bridge is not recognised")
            return (nil, nil)
        }
        var guardian: CrashGuard?
        var problem: String?
        do throws(MessageMark.Fault) {
            guardian = try CrashGuard(directory: directory, name: name)
            problem = guardian?.problem
        } catch {
            problem = error.description
        }
        if let problem { logger.warning("\(problem): a message that ends the bridge is not recognised") }
        return (guardian, problem)
    }

    /// The configuration with the sources that `sources: auto` adopts.
    private func adopting(
        _ automatic: Configuration, path: String, _ log: Log
    ) throws -> (Configuration?, files: Set<String>) {
        let span = Duration(TimeSpan(listen) ?? .minutes(1))
        var loader = ConfigurationLoader(logFormat: self.log.format)
        do {
            loader.adopted = try SourceAdopter(automatic, listening: span, logger: log.logger).adopt()
        } catch let error as MQTTError {
            log.logger.error("\(automatic.sentence(error))")
            throw ExitCode.configuration
        }
        let loaded = loader.load(path: path)
        log.report(loader.problems)
        return (loaded, loader.files.paths)
    }

    /// Starts the web server before anything else, so that a port that is taken is detected at once.
    private func start(_ web: WebSurroundings, at settings: WebSettings?, _ logger: Logger) async throws -> WebServer? {
        guard let settings else { return nil }
        do throws(ListenFault) {
            return try await WebServer.start(settings, routes: web.routes, logger: logger)
        } catch {
            logger.error("\(error)")
            throw ExitCode.configuration
        }
    }
}
