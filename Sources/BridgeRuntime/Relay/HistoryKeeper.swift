// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
import Harmonizer
import History
package import Logging
import MQTT
import Machine

/// Writes the history beside the relay, on a thread that runs from the first configuration with a history until the
/// end.
package final class HistoryKeeper: Sendable {
    private let writer: HistoryWriter
    private let logger: Logger
    private let state = Locked(State())

    private struct State {
        var settings: HistoryWriter.Settings?
        var isStarted = false
        var shortage: String?
    }

    package init(_ configuration: Configuration, logger: Logger) {
        self.logger = logger
        writer = HistoryWriter { isProblem, sentence in
            logger.log(level: isProblem ? .warning : .notice, "\(Terminal.escaped(sentence))")
        }
        follow(configuration)
    }

    /// True when the configuration has a history.
    var isOn: Bool { state.withLock { $0.settings != nil } }

    /// The path of the history; nil without one.
    package var path: String? { state.withLock { $0.settings?.path } }

    /// Why the history is not written, or what it lost; nil without a problem.
    var problem: String? {
        if let shortage = state.withLock({ $0.shortage }) { return shortage }
        return writer.problem
    }

    /// Applies a new configuration.
    func follow(_ configuration: Configuration) {
        let settings = configuration.history
        let (isNew, isFirst) = state.withLock { state in
            let isFirst = settings != nil && !state.isStarted
            if isFirst { state.isStarted = true }
            defer { state.settings = settings }
            return (state.settings != settings || isFirst, isFirst)
        }
        if isNew, let settings { logger.info("history in \(Terminal.escaped(settings.path))") }
        guard isNew || settings != nil else { return }
        let profile = configuration.profile
        writer.configure(settings) { profile.isCounter($0) }
        guard isFirst else { return }
        let isRunning = startThread(named: "history") { [writer] in writer.run() }
        if !isRunning { state.withLock { $0.shortage = "the system cannot start a thread" } }
    }

    /// Queues a reading, without waiting.
    func take(_ reading: HistoryReading) { writer.take(reading) }

    /// Deletes everything of a meter.
    ///
    /// - Parameter name: the meter's id, or the name from which its topics are made.
    func forget(_ name: String) {
        guard isOn else { return }
        for id in Set([name, MeterID.level(given: name)]) { writer.forget(id) }
    }

    /// Writes the waiting readings and ends.
    package func close() {
        guard state.withLock({ $0.isStarted && $0.shortage == nil }) else { return }
        writer.close(within: .seconds(5))
    }
}
