// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One line on standard error that changes while something runs; nothing when standard error is not a terminal.
package struct ProgressLine {
    private let isShown: Bool
    private var shownAt: ContinuousClock.Instant?

    package init(isShown: Bool = Terminal.isTerminal(STDERR_FILENO)) { self.isShown = isShown }

    /// Writes the line, at most five times a second.
    package mutating func show(_ text: () -> String) {
        guard isShown else { return }
        let now = ContinuousClock.now
        if let shownAt, now - shownAt < .milliseconds(200) { return }
        shownAt = now
        // A line longer than the terminal's width would leave a copy of itself each time.
        let line = Terminal.escaped(text()).prefix(Terminal.size(STDERR_FILENO).columns - 1)
        StandardError.write("\r\u{1b}[2K\(line)")
    }

    /// Removes the line.
    package mutating func end() {
        if shownAt != nil { StandardError.write("\r\u{1b}[2K") }
        shownAt = nil
    }

    /// `[########------------] 40 %`; a share from 0 to 1.
    package static func bar(_ share: Double, width: Int = 20) -> String {
        let share = min(1, max(0, share))
        let filled = Int(share * Double(width))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled)
            + "] \(Int(share * 100)) %"
    }
}
