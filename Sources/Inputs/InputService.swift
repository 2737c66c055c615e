// SPDX-License-Identifier: Apache-2.0
package import Logging
import ServiceLifecycle

/// Reads all inputs other than MQTT, as a service: each input in a task of its own, all ended together.
package struct InputService: Service {
    package let roster: InputRoster
    package let queue: InputQueue
    package let logger: Logger

    /// Creates the service.
    package init(roster: InputRoster, queue: InputQueue, logger: Logger) {
        self.roster = roster
        self.queue = queue
        self.logger = logger
    }

    private struct Running {
        var settings: InputSettings
        var task: Task<Void, Never>
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var running: [Running] = []
            var isStarted = false
            // Ends only when the service is told to stop: an early end would end the program.
            for await wanted in roster.lists {
                await follow(wanted, &running, isSaid: isStarted)
                isStarted = true
            }
            await follow([], &running, isSaid: false)
        }
    }

    /// Ends removed inputs first and then starts new ones, because both may use the same port. Unchanged inputs keep
    /// running.
    private func follow(_ wanted: [InputSettings], _ running: inout [Running], isSaid: Bool) async {
        let ended = running.filter { !wanted.contains($0.settings) }
        running.removeAll { !wanted.contains($0.settings) }
        for input in ended { input.task.cancel() }
        for input in ended {
            await input.task.value
            if isSaid {
                logger.info("source \"\(input.settings.source)\": \(input.settings.transport) is not read any more")
            }
        }
        for settings in wanted where !running.contains(where: { $0.settings == settings }) {
            if isSaid { logger.info("source \"\(settings.source)\": \(settings.transport) is read from now on") }
            running.append(Running(settings: settings, task: start(settings)))
        }
    }

    private func start(_ input: InputSettings) -> Task<Void, Never> {
        let (queue, logger) = (queue, logger)
        return Task { await input.read(into: queue, logger) }
    }
}
