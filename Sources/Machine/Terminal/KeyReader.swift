// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Reads keys from the terminal while a command shows something, without waiting for Return.
package final class KeyReader {
    private var before: termios?

    /// Does nothing when standard input is not a terminal.
    package init() {
        var settings = termios()
        guard Terminal.isTerminal(STDIN_FILENO), tcgetattr(STDIN_FILENO, &settings) == 0 else { return }
        before = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        // Reading returns at once, with the available bytes.
        withUnsafeMutableBytes(of: &settings.c_cc) { bytes in
            bytes[Int(VMIN)] = 0
            bytes[Int(VTIME)] = 0
        }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// The keys pressed since the last call.
    package var pressed: String {
        guard before != nil else { return "" }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : ""
    }

    /// Restores the terminal's settings.
    package func end() {
        guard var settings = before else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        before = nil
    }
}
