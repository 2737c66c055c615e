// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// An answer, whole.
struct WebResponse: Sendable, Equatable {
    var status: Int
    var contentType: String
    var body: [UInt8]
    /// The methods that are allowed, where another one was used.
    var allow: String?

    init(_ status: Int = 200, contentType: String = "application/json", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// `application/problem+json` (RFC 9457).
    ///
    /// - Parameter title: the name of the status code.
    static func problem(_ status: Int, _ title: String, _ detail: String) -> WebResponse {
        var writer = JSONWriter()
        writer.object { json in
            json.member("type", "about:blank")
            json.member("title", title)
            json.key("status")
            json.number(status)
            json.member("detail", detail)
        }
        return WebResponse(status, contentType: "application/problem+json", body: writer.bytes)
    }
}
