// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension Publication {
    /// What `convert` and `replay --through` print: `{"topic":…,"payload":"…","qos":…,"retain":…}`, with `payload_base64` instead
    /// of `payload` when it is not UTF-8.
    var jsonLine: String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("topic", topic)
            if let text = String(validating: payload, as: UTF8.self) {
                json.member("payload", text)
            } else {
                json.member("payload_base64", Base64.text(payload))
            }
            json.key("qos")
            json.number(Int(qos))
            json.key("retain")
            json.flag(isRetained)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
