// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Harmonizer
import History
import Inputs
package import Logging
import MQTT
import ServiceLifecycle

/// Writes readings to an InfluxDB every ten seconds, and retries while the server is away. The relay never waits for
/// the writer; the queue is bounded, and drops the oldest readings.
package final class InfluxWriter: Service {
    /// The maximum size of the queue, in register values.
    private static let limit = 200_000
    /// The number of readings per request.
    private static let batch = 2000
    private static let pace = Duration.seconds(10)

    private struct State {
        var settings: InfluxSettings?
        var aliases: [OBISCode: String] = [:]
        var waiting: [HistoryReading] = []
        var weight = 0
        var dropped = 0
    }

    private let state = Locked(State())
    private let logger: Logger

    package init(_ configuration: Configuration, logger: Logger) {
        self.logger = logger
        follow(configuration)
    }

    /// True when the configuration has an InfluxDB.
    var isOn: Bool { state.withLock { $0.settings != nil } }

    /// Applies a new configuration.
    func follow(_ configuration: Configuration) {
        let named = configuration.profile.registers.values.compactMap { register in
            // An alias with a placeholder for the channel is not a field name.
            register.alias.flatMap { $0.contains("{") ? nil : (register.obis, $0) }
        }
        let settings = configuration.influx
        state.withLock { state in
            state.settings = settings
            state.aliases = Dictionary(named) { first, _ in first }
            if settings == nil { (state.waiting, state.weight) = ([], 0) }
        }
    }

    /// Queues a reading, without waiting.
    func take(_ reading: HistoryReading) {
        state.withLock { state in
            guard let settings = state.settings, settings.meters?.contains(reading.meter) ?? true else { return }
            state.waiting.append(reading)
            state.weight += reading.registers.count
            guard state.weight > Self.limit else { return }
            while state.weight > Self.limit / 2, !state.waiting.isEmpty {
                let count = state.waiting.count / 2 + 1
                state.weight -= state.waiting[..<count].reduce(0) { $0 + $1.registers.count }
                state.waiting.removeFirst(count)
                state.dropped += count
            }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            var report = OutageReport()
            while true {
                let isEnding = await isCancelled(within: report.pause(Self.pace))
                // The rest of the queue is sent once more, outside the cancelled task.
                if isEnding {
                    return await Task {
                        var last = report
                        await sendAll(&last)
                    }.value
                }
                await sendAll(&report)
            }
        }
    }

    private func isCancelled(within pause: Duration) async -> Bool {
        do {
            try await Task.sleep(for: pause)
            return false
        } catch { return true }
    }

    /// Sends the queue in batches until it is empty or a request fails.
    private func sendAll(_ report: inout OutageReport) async {
        while true {
            let (settings, readings, aliases, dropped) = state.withLock { state in
                defer { state.dropped = 0 }
                return (state.settings, Array(state.waiting.prefix(Self.batch)), state.aliases, state.dropped)
            }
            guard let settings else { return }
            if dropped > 0 {
                logger.warning("influx: \(dropped) readings were dropped while \(settings.place) was away")
            }
            guard !readings.isEmpty else { return }
            let writer = InfluxLines(measurement: settings.measurement) { aliases[$0] }
            let fault = await post(readings.map(writer.lines).joined(), settings)
            switch fault {
            case nil:
                if let failures = report.succeeded() {
                    logger.info("influx: \(settings.place) accepts readings again after \(failures) failures")
                }
            case .status(let code)? where [400, 413, 422].contains(code):
                // The server would refuse the same readings again.
                if let sentence = report.failed("it refuses \(readings.count) readings with \(code)", at: .now) {
                    logger.warning("influx: \(settings.place): \(sentence); they are left out")
                }
            case let fault?:
                if let sentence = report.failed("\(fault)", at: .now) {
                    logger.warning("influx: \(settings.place): \(sentence); trying again")
                }
                return
            }
            let count = readings.count
            let weight = readings.reduce(0) { $0 + $1.registers.count }
            // Meanwhile only `take` changes the queue, and it may have dropped the sent readings.
            state.withLock { state in
                guard state.dropped == 0, state.waiting.count >= count else { return }
                state.waiting.removeFirst(count)
                state.weight -= weight
            }
        }
    }

    private func post(_ lines: String, _ settings: InfluxSettings) async -> HTTPFault? {
        guard !lines.isEmpty else { return nil }
        let fetcher = HTTPFetcher(
            HTTPSettings(url: settings.url, timeout: .seconds(5), headers: settings.headers))
        defer { fetcher.close() }
        switch await fetcher.fetch(posting: Array(lines.utf8)) {
        // A 204 answer has no body.
        case .success, .failure(.empty): return nil
        case .failure(let fault): return fault
        }
    }
}
