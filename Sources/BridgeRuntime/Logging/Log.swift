// SPDX-License-Identifier: Apache-2.0
package import BridgeConfiguration
package import Harmonizer
package import Logging
import MQTT
import Machine

/// The destination and settings of the program's log. All loggers share one, so that a reload changes all of them.
package final class Log: Sendable {
    private let state: Locked<LogSettings>
    private let writer: LogWriter?
    /// The newest lines, for the page.
    package let recent = RecentLog()

    private init(_ state: Locked<LogSettings>, _ writer: LogWriter?) {
        self.state = state
        self.writer = writer
    }

    /// A log that writes at once and waits for the reader of standard error: for commands that end.
    convenience init(_ settings: LogSettings) { self.init(Locked(settings), nil) }

    /// A log that never waits, for `run`.
    package static func buffered(_ settings: LogSettings) -> Log {
        let state = Locked(settings)
        let writer = LogWriter { lost, reason in
            let lines = lost == 1 ? "1 line of the log is missing here" : "\(lost) lines of the log are missing here"
            return state.withLock { $0.format }
                .line("\(lines): \(reason)", level: .warning, metadata: [:], at: SystemClock.now)
        }
        return Log(state, writer)
    }

    var settings: LogSettings { state.withLock { $0 } }

    /// Lines that could not be written since the start.
    var linesLost: Int { writer?.linesLost ?? 0 }

    /// A logger that writes to this log.
    package var logger: Logger { Logger(label: "obis-bridge") { [self] _ in LineLogHandler(self) } }

    /// Replaces the settings for all later lines of every logger.
    func replace(with settings: LogSettings) { state.withLock { $0 = settings } }

    /// Writes a finished line.
    func line(_ text: String) {
        if let writer { writer.append(text) } else { StandardError.line(text) }
    }

    /// Reports the mistakes of a configuration: as log events when programs read the log, else in the format of
    /// compilers.
    package func report(_ problems: ProblemList) {
        let isText = settings.format == .text
        let logger = logger
        for problem in problems.sorted {
            if isText {
                line(Terminal.escaped("\(problem)"))
            } else if problem.isWarning {
                logger.warning("\(problem)")
            } else {
                logger.error("\(problem)")
            }
        }
    }

    /// Waits up to a second for unwritten lines; called before the program ends.
    package func flush() { writer?.flush(within: .seconds(1)) }
}
