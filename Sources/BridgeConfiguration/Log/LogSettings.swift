// SPDX-License-Identifier: Apache-2.0
package import Logging

/// How the program logs.
package struct LogSettings: Sendable, Equatable {
    package var format = LogFormat.text
    package var level = Logger.Level.info

    package init(format: LogFormat = LogFormat.text, level: Logger.Level = Logger.Level.info) {
        self.format = format
        self.level = level
    }
}
