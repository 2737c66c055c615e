// SPDX-License-Identifier: Apache-2.0
package import Foundation
package import Harmonizer

/// Raw traffic as a file: JSON Lines, one object a message, `received` (RFC 3339), `topic`, `payload` or, where that is no
/// UTF-8, `payload_base64`, and `retain` where it is true.
package struct RecordedTraffic {
    package let messages: [RawMessage]
    /// True when the last line was cut off, by a crash or because it is still being written; it is left out.
    package let isCut: Bool

    /// A line that is no message.
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

    /// - Throws: `Malformed` for the first line that is no message, unless it is the last and has no end.
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
                throw Malformed(line: index + 1, detail: "\"\(line.received)\" is no time such as 2026-11-20T22:40:02Z")
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
