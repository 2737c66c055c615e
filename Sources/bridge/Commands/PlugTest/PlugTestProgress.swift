// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine
import PlugTest

/// The progress of a plug-test that listens: a line that changes on a terminal, a line a minute in a log.
struct PlugTestProgress {
    private let span: Duration
    private let isTerminal: Bool
    private var started: Timestamp?
    private var shown: Timestamp?

    init(span: Duration, isTerminal: Bool) {
        self.span = span
        self.isTerminal = isTerminal
    }

    /// The line to show now; nil when the last one is young enough.
    mutating func line(_ run: PlugTestRun, at now: Timestamp) -> String? {
        let began = started ?? now
        started = began
        if let shown, now - shown < (isTerminal ? .milliseconds(500) : .minutes(1)) { return nil }
        shown = now
        let passed = now - began
        let sources = run.progress.map { source in
            guard source.messages > 0 else { return "\(source.source) -" }
            let rejects = source.rejects == 0 ? "" : ", \(source.rejects) rejected"
            return "\(source.source) \(source.readings)\(rejects)"
        }
        let whole = TimeSpan(span).wholeSeconds.text
        return "\(passed.wholeSeconds.text) of \(whole), readings: " + sources.joined(separator: "  ")
    }

    /// Writes the line.
    mutating func show(_ run: PlugTestRun, at now: Timestamp) {
        guard let line = line(run, at: now) else { return }
        let safe = Terminal.escaped(line)
        guard isTerminal else { return StandardError.line(safe) }
        StandardError.write("\r\u{1b}[2K\(safe.prefix(Terminal.size(STDERR_FILENO).columns - 1))")
    }

    /// Ends the line that changes.
    func end() {
        if isTerminal { StandardError.line("") }
    }
}
