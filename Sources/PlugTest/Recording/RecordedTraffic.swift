// SPDX-License-Identifier: Apache-2.0
package import Foundation
package import Harmonizer

/// Raw traffic in a file of JSON Lines: one object per message with `received` (RFC 3339), `topic`, `payload` or, for a
/// payload that is not UTF-8, `payload_base64`, and `retain` when it is true.
package struct RecordedTraffic {
    package let messages: [RawMessage]
    /// True when the last line is incomplete, after a crash or because it is still being written; that line is left
    /// out.
    package let isCut: Bool

    /// A line that is not a message.
    package struct Malformed: Error, CustomStringConvertible {
        package var line: Int
        package var detail: String
        package var description: String { "line \(line): \(detail)" }
    }

    private struct Line: Decodable {
        var received: String
        var topic: String
        var payload: String?
        var base64: Data?
        var retain: Bool?

        enum CodingKeys: String, CodingKey {
            case received, topic, payload, retain
            case base64 = "payload_base64"
        }
    }

    /// - Throws: `Malformed` for the first line that is not a message, unless it is the last line and has no line end.
    package init(_ bytes: Data) throws(Malformed) {
        let decoder = JSONDecoder()
        var messages: [RawMessage] = []
        var isCut = false
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, text) in lines.enumerated() {
            guard text.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
            let line: Line
            do { line = try decoder.decode(Line.self, from: text) } catch {
                if index == lines.count - 1 {
                    isCut = true
                    break
                }
                throw Malformed(line: index + 1, detail: "expected {\"received\": …, \"topic\": …, \"payload\": …}")
            }
            guard let received = RFC3339.instant(line.received) else {
                throw Malformed(
                    line: index + 1, detail: "\"\(line.received)\" is not a time such as 2026-11-20T22:40:02Z")
            }
            guard let payload = line.payload.map({ Array($0.utf8) }) ?? line.base64.map(Array.init) else {
                throw Malformed(line: index + 1, detail: "neither \"payload\" nor \"payload_base64\"")
            }
            messages.append(
                RawMessage(topic: line.topic, payload: payload, isRetained: line.retain ?? false, received: received))
        }
        self.messages = messages
        self.isCut = isCut
    }
}
