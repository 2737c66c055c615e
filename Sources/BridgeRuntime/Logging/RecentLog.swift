// SPDX-License-Identifier: Apache-2.0
import Harmonizer
import Logging
import MQTT
package import Page

/// The newest lines of the log, for the page.
package final class RecentLog: Sendable {
    private static let limit = 200
    /// The maximum number of characters of a line.
    private static let length = 600

    private struct State {
        var entries: [LogEntry] = []
        var count: UInt64 = 0
    }

    private let state = Locked(State())

    func note(_ message: String, level: String, metadata: Logger.Metadata, at time: Timestamp) {
        let fields = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let entry = LogEntry(time: time, level: level, message: String((message + fields).prefix(Self.length)))
        state.withLock { state in
            state.entries.append(entry)
            state.count += 1
            if state.entries.count > Self.limit { state.entries.removeFirst() }
        }
    }

    /// The lines, newest first.
    package var entries: [LogEntry] { state.withLock { $0.entries.reversed() } }

    /// The number of lines since the start.
    var count: UInt64 { state.withLock { $0.count } }
}
