// SPDX-License-Identifier: Apache-2.0
import Foundation

extension Terminal {
    /// True when a person looks at it, and not a file or another program.
    static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Columns and lines; 80 and 24 where nobody knows.
    static func size(_ descriptor: Int32) -> (columns: Int, lines: Int) {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
