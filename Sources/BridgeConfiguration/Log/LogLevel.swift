// SPDX-License-Identifier: Apache-2.0
import Logging

/// The words for `log: {level: …}`.
enum LogLevel: String, CaseIterable {
    case debug, info, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
