// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Logging

/// One line an event on standard error.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let format: LogFormat

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = format.line("\(event.message)", level: event.level, metadata: fields, at: SystemClock.now)
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }
}
