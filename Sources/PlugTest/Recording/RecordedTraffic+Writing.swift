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
            json.payload(message.payload)
            if message.isRetained {
                json.key("retain")
                json.flag(true)
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }
}

extension Publication {
    /// The output of `convert` and `replay --through`: `{"topic":…,"payload":"…","qos":…,"retain":…}`, with
    /// `payload_base64` instead of `payload` when it is not UTF-8.
    package var jsonLine: String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("topic", topic)
            json.payload(payload)
            json.key("qos")
            json.number(Int(qos))
            json.key("retain")
            json.flag(isRetained)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSONWriter {
    /// Bytes as text, or in base64 when they are not UTF-8.
    fileprivate mutating func payload(_ bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            member("payload", text)
        } else {
            member("payload_base64", Base64.text(bytes))
        }
    }
}
