// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer
package import Logging
import Machine

/// The format of log lines. In every format control characters from payloads are written as `\u{1b}`.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `2026-11-20T22:40:02.412Z warning: …`, for people.
    case text
    /// One JSON object per line: `time`, `level`, `message`, `metadata`; for collectors.
    case json
    /// A line with a priority in front, which systemd removes (sd-daemon(3)), and without the time, which the journal
    /// adds.
    case journald

    /// The default format: `journald` when the journal reads standard error, else `text`.
    package static func usual(environment: [String: String]) -> LogFormat {
        isJournal(STDERR_FILENO, environment: environment) ? .journald : .text
    }

    /// True when a descriptor leads to the journal: its device and inode are those in systemd's `JOURNAL_STREAM`
    /// (systemd.exec(5)), unless it was redirected since.
    static func isJournal(_ descriptor: Int32, environment: [String: String]) -> Bool {
        guard let stream = environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        return fstat(descriptor, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
    }

    package func line(_ message: String, level: Logger.Level, metadata: Logger.Metadata, at time: Timestamp) -> String {
        let fields = metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") }
        switch self {
        case .text: return Terminal.escaped("\(time) \(level): \(message)\(Self.details(fields))")
        case .journald: return "<\(level.priority)>" + Terminal.escaped("\(message)\(Self.details(fields))")
        case .json:
            var writer = JSONWriter()
            writer.object { json in
                json.member("time", time)
                json.member("level", "\(level)")
                json.member("message", Terminal.escaped(message))
                guard !fields.isEmpty else { return }
                json.key("metadata")
                json.object { json in
                    for (key, value) in fields { json.member(named: Terminal.escaped(key), Terminal.escaped(value)) }
                }
            }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    private static func details(_ fields: [(key: String, value: String)]) -> String {
        fields.map { " \($0.key)=\($0.value)" }.joined()
    }
}

extension Logger.Level {
    /// The priority in syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}
