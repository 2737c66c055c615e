// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Harmonizer
package import Logging
package import MQTT
import Machine
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again on SIGHUP, and when one of its files changed and then stayed the same for a second.
package struct ReloadService: Service {
    private let reloader: Reloader

    /// - Parameters:
    ///   - adopted: the sources that `sources: auto` adopted at the start.
    ///   - logFormat: the log format of the command line.
    package init(
        path: String, files: Set<String>, adopted: String? = nil, inbox: ConfigurationInbox, relay: Relay,
        manager: ServiceManager?, logger: Logger, logFormat: LogFormat? = nil
    ) {
        reloader = Reloader(
            path: path, files: files, adopted: adopted, inbox: inbox, relay: relay, manager: manager, logger: logger,
            logFormat: logFormat
        )
    }

    func run() async throws {
        let reloader = reloader
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { await reloader.reload() }
                }
                group.addTask {
                    while (try? await Task.sleep(for: .seconds(1))) != nil { await reloader.look() }
                }
                await group.waitForAll()
            }
        }
    }
}

private actor Reloader {
    private let path: String
    private var watch: FileWatch
    private let inbox: ConfigurationInbox
    private let relay: Relay
    private let manager: ServiceManager?
    private let logger: Logger
    private let logFormat: LogFormat?
    private let adopted: String?

    init(
        path: String, files: Set<String>, adopted: String?, inbox: ConfigurationInbox, relay: Relay,
        manager: ServiceManager?,
        logger: Logger, logFormat: LogFormat?
    ) {
        self.logFormat = logFormat
        self.adopted = adopted
        self.path = path
        watch = FileWatch(files)
        self.inbox = inbox
        self.relay = relay
        self.manager = manager
        self.logger = logger
    }

    func look() {
        if watch.hasSettled() { reload() }
    }

    func reload() {
        manager?.reloading()
        var loader = ConfigurationLoader(logFormat: logFormat)
        loader.adopted = adopted
        var loaded = loader.load(path: path)
        if loaded?.isAutomatic == true, adopted == nil {
            loader.problems.error(
                SourceMark(file: path), "sources: auto looks for readers only at the start: restart the bridge")
            loaded = nil
        }
        watch = FileWatch(loader.files.paths)
        let problems = loader.problems.sorted.map { Terminal.escaped("\($0)") }
        for problem in problems {
            if loaded == nil { logger.error("\(problem)") } else { logger.warning("\(problem)") }
        }
        if let loaded {
            inbox.put(.configuration(loaded))
        } else {
            let more = problems.count > 1 ? " (and \(problems.count - 1) more)" : ""
            logger.error("\(path) not applied: the previous configuration stays in force")
            inbox.put(.mistakes((problems.first ?? path) + more))
        }
        relay.reload()
    }
}
