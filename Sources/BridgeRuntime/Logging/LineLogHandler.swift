// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Harmonizer
import Logging
import Machine

/// Writes one line per log event.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    private let log: Log
    /// The level of this logger alone; nil for the log's.
    private var ownLevel: Logger.Level?

    init(_ log: Log) { self.log = log }

    var logLevel: Logger.Level {
        get { ownLevel ?? log.settings.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let now = SystemClock.now
        log.recent.note("\(event.message)", level: "\(event.level)", metadata: fields, at: now)
        log.line(log.settings.format.line("\(event.message)", level: event.level, metadata: fields, at: now))
    }
}
