// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Logging

/// One line an event on standard error: `warning: source "gplug": …`, or JSON for collectors.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    let format: LogSettings.Format

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }
        FileHandle.standardError.write(Data((line(event, fields: fields) + "\n").utf8))
    }

    private func line(_ event: LogEvent, fields: Logger.Metadata) -> String {
        switch format {
        case .text:
            let details = fields.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
            return Terminal.escaped("\(SystemClock.now) \(event.level): \(event.message)\(details)")
        case .json:
            var object = fields.mapValues { Terminal.escaped("\($0)") }
            object["time"] = "\(SystemClock.now)"
            object["level"] = "\(event.level)"
            object["message"] = Terminal.escaped("\(event.message)")
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return (try? encoder.encode(object)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }
    }
}

/// What must not reach a terminal as it is.
enum Terminal {
    /// Control characters and direction marks as `\u{…}`, one line each.
    static func escaped(_ text: String) -> String { Printable.escaped(text) }
}
