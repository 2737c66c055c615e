// SPDX-License-Identifier: Apache-2.0

/// `…/bridge/<bridge>/reject`: a message that should have been meter data, and why it was not understood.
struct RejectEncoder {
    let schema: String

    /// At most this many bytes of a topic are repeated.
    static let topicLimit = 512

    func payload(_ rejection: Rejection, origin: Origin, meter: String? = nil) -> [UInt8] {
        let payload = origin.payload
        let excerpt = excerpt(of: payload)
        var writer = JSONWriter(capacity: excerpt.count + 512)
        writer.object { json in
            json.member("schema", schema)
            json.member("reason", rejection.reason.rawValue)
            json.member("detail", rejection.detail)
            if let position = rejection.position {
                json.key("position")
                json.number(position)
            }
            json.member("received", origin.received)
            json.member("meter", meter)
            json.key("source")
            json.object { json in
                json.member("name", origin.source)
                json.member("adapter", origin.adapter)
                json.member("topic", origin.topic.shortened(toBytes: Self.topicLimit))
            }
            if let text = String(validating: excerpt, as: UTF8.self) {
                json.member("payload", text)
            } else {
                json.member("payload_base64", Base64.text(excerpt))
            }
            if excerpt.count < origin.payloadCount {
                json.key("payload_bytes")
                json.number(origin.payloadCount)
            }
        }
        return writer.bytes
    }

    /// The summary of what was left out in a minute.
    func payload(_ summary: RejectLimit.Summary) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("schema", schema)
            json.member("reason", Rejection.Reason.suppressed.rawValue)
            json.member("detail", "\(summary.total) more messages were not understood and are not repeated here")
            json.key("counts")
            json.object { json in
                for reason in Rejection.Reason.allCases {
                    guard let count = summary.counts[reason] else { continue }
                    json.key(named: reason.rawValue)
                    json.number(count)
                }
            }
            json.member("since", summary.since)
            json.member("received", summary.until)
            json.key("source")
            json.object { json in
                json.member("name", summary.source)
                json.member("adapter", summary.adapter)
            }
        }
        return writer.bytes
    }

    /// The beginning of a payload, not cut within a character: text stays text.
    private func excerpt(of payload: [UInt8]) -> ArraySlice<UInt8> {
        var end = min(payload.count, Origin.shownPayload)
        guard end < payload.count else { return payload[...] }
        for _ in 0..<3 where payload[end] & 0xc0 == 0x80 { end -= 1 }
        return payload[..<end]
    }
}

extension String {
    /// The beginning of a text, with `…` where it was cut.
    fileprivate func shortened(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        return String(decoding: utf8.prefix(limit), as: UTF8.self) + "…"
    }
}

// MARK: - Described

extension MessageSchemas {
    var reject: JSONTree {
        object(
            "A message that should have been meter data, and why it was not understood.",
            required: ["schema", "reason", "detail", "received", "source"],
            [
                ("schema", reference("schema")),
                ("reason", ["type": "string", "enum": .texts(Rejection.Reason.allCases.map(\.rawValue))]),
                ("detail", text),
                ("counts", ["allOf": [counts], "description": "With reject.suppressed: by reason."]),
                ("since", ["allOf": [reference("time")], "description": "With reject.suppressed: from when."]),
                ("position", ["description": "Bytes from the start of the payload.", "type": "integer"]),
                ("received", reference("time")),
                (
                    "meter",
                    ["allOf": [reference("meter")], "description": "Whose reader sent it, where that is known."]
                ),
                ("source", senders),
                ("payload", ["description": "As text, up to 4096 bytes.", "type": "string"]),
                ("payload_base64", ["description": "What is no text.", "type": "string"]),
                ("payload_bytes", ["description": "The length of a payload that was cut.", "type": "integer"]),
            ])
    }

    /// `topic` is optional: a summary covers many topics.
    var senders: JSONTree {
        object(
            "Where it came from.", required: ["name", "adapter"], [("name", text), ("adapter", text), ("topic", text)])
    }
}
