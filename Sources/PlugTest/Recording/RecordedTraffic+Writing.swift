// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer

extension RecordedTraffic {
    /// Topics that no broker delivers: they mark when the listener began and ended.
    package static let beginning = "$obis-bridge/begin"
    package static let end = "$obis-bridge/end"

    package static func isMark(_ topic: String) -> Bool { topic == beginning || topic == end }

    /// One message as a line, newline included.
    package static func line(_ message: RawMessage) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("received", message.received)
            json.member("topic", message.topic)
            if let text = String(validating: message.payload, as: UTF8.self) {
                json.member("payload", text)
            } else {
                json.member("payload_base64", Base64.text(message.payload))
            }
            if message.isRetained {
                json.key("retain")
                json.flag(true)
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}
