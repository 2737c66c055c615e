// SPDX-License-Identifier: Apache-2.0
import Logging

/// How the program logs.
struct LogSettings: Sendable, Equatable {
    var format = LogFormat.text
    var level = Logger.Level.info

    /// A logger that writes so, and waits for whoever reads it.
    var logger: Logger { Log(self).logger }
}
