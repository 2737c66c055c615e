// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import BridgeConfiguration
import Foundation

/// How a command logs.
struct LogOptions: ParsableArguments {
    @Option(
        name: .customLong("log-format"),
        help: "How the log on standard error looks. (default: journald where the journal reads it, else text)")
    var format: LogFormat?

    /// The settings of a command that has no configuration.
    var settings: LogSettings {
        LogSettings(format: format ?? .usual(environment: ProcessInfo.processInfo.environment))
    }
}

extension LogFormat: ExpressibleByArgument {}
