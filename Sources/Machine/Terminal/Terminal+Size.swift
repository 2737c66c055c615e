// SPDX-License-Identifier: Apache-2.0
import Foundation

extension Terminal {
    /// True when the descriptor is a terminal, not a file or another program.
    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// True where colours are shown and wanted: on a terminal, and without `NO_COLOR` (no-color.org).
    package static func isColoured(
        _ descriptor: Int32, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        isTerminal(descriptor) && isColourWanted(environment)
    }

    static func isColourWanted(_ environment: [String: String]) -> Bool {
        environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    /// Columns and lines; 80 and 24 when they are not known.
    package static func size(_ descriptor: Int32) -> (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
