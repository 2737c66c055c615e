// SPDX-License-Identifier: Apache-2.0

/// `…/bridge/<bridge>/reject`: a message that should have been meter data, and why it was not understood.
struct RejectEncoder {
    let profile: Profile

    /// No more of a payload than this is repeated.
    static let payloadLimit = 4096

    func payload(_ rejection: Rejection, origin: Origin) -> [UInt8] {
        let payload = origin.payload
        let excerpt = excerpt(of: payload)
        var writer = JSONWriter(capacity: excerpt.count + 512)
        writer.object { json in
            json.member("schema", profile.schema)
            json.member("reason", rejection.reason.rawValue)
            json.member("detail", rejection.detail)
            if let position = rejection.position {
                json.key("position")
                json.number(position)
            }
            json.member("received", origin.received)
            json.key("source")
            json.object { json in
                json.member("name", origin.source)
                json.member("adapter", origin.adapter)
                json.member("topic", origin.topic)
            }
            if let text = String(validating: excerpt, as: UTF8.self) {
                json.member("payload", text)
            } else {
                json.member("payload_base64", Base64.text(excerpt))
            }
            if excerpt.count < payload.count {
                json.key("payload_bytes")
                json.number(payload.count)
            }
        }
        return writer.bytes
    }

    /// The beginning of a payload, not cut within a character: a text stays one.
    private func excerpt(of payload: [UInt8]) -> ArraySlice<UInt8> {
        var end = min(payload.count, Self.payloadLimit)
        guard end < payload.count else { return payload[...] }
        for _ in 0..<3 where payload[end] & 0xc0 == 0x80 { end -= 1 }
        return payload[..<end]
    }
}

/// Base64 (RFC 4648, 4), for payloads that are no text.
public enum Base64 {
    /// The text of some bytes.
    public static func text(_ bytes: some Collection<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        var block: UInt32 = 0
        var count = 0
        func flush() {
            block <<= UInt32(8 * (3 - count))
            for digit in 0..<4 {
                text.append(digit <= count ? alphabet[Int(block >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
            }
            block = 0
            count = 0
        }
        for byte in bytes {
            block = block << 8 | UInt32(byte)
            count += 1
            if count == 3 { flush() }
        }
        if count > 0 { flush() }
        return String(decoding: text, as: UTF8.self)
    }
}
