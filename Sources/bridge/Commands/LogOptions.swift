// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Harmonizer
import Logging

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

    /// The mistakes of a configuration: in the log where programs read it, else as compilers print them.
    ///
    /// - Parameter loaded: how the configuration wants it, where it could be read.
    func report(_ problems: ProblemList, as loaded: LogSettings?) {
        let settings = loaded ?? settings
        guard settings.format != .text else { return Problems.report(problems) }
        let logger = settings.logger
        for problem in problems.sorted {
            if problem.isWarning { logger.warning("\(problem)") } else { logger.error("\(problem)") }
        }
    }
}
