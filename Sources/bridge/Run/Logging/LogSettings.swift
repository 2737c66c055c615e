// SPDX-License-Identifier: Apache-2.0
import Logging

/// How the program logs.
struct LogSettings: Sendable, Equatable {
    var format = LogFormat.text
    var level = Logger.Level.info

    /// A logger that writes so.
    var logger: Logger {
        var logger = Logger(label: "obis-bridge") { [self] _ in LineLogHandler(logLevel: level, format: format) }
        logger.logLevel = level
        return logger
    }
}
