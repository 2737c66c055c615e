// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// A line of the log.
package struct LogEntry: Sendable, Equatable {
    package var time: Timestamp
    /// `info`, `warning` …
    package var level: String
    package var message: String

    package init(time: Timestamp, level: String, message: String) {
        self.time = time
        self.level = level
        self.message = message
    }
}
