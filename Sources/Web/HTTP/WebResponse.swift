// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// An answer: whole, or a stream that goes on until the client has enough.
struct WebResponse: Sendable, Equatable {
    var status: Int
    var contentType: String
    var body: [UInt8]
    /// The methods that are allowed, where another one was used.
    var allow: String?
    /// `Content-Security-Policy`, of what a browser shows.
    var policy: String?
    /// True for what never changes under its address.
    var isImmutable = false
    /// The name under which a browser saves it; nil for what it shows.
    var fileName: String?
    /// `Content-Encoding` of the body; nil for what it is.
    var encoding: String?
    /// True where another client may get it in another encoding.
    var variesByEncoding = false
    /// What comes after `body`, piece by piece, until it ends; nil for nothing.
    var stream: WebStream?

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

    static var busy: WebResponse {
        .problem(503, "Service Unavailable", "the bridge is busy and did not answer in time")
    }
}

/// The pieces of an answer that does not end by itself. Each is asked for when the one before was taken, so that a client that is slow
/// makes nothing wait in memory.
final class WebStream: Sendable, Equatable {
    /// The next piece; nil when there is none any more, or when the task is cancelled.
    let next: @Sendable () async -> [UInt8]?
    private let end: @Sendable () -> Void

    /// - Parameter end: called when nobody asks any more.
    init(next: @escaping @Sendable () async -> [UInt8]?, end: @escaping @Sendable () -> Void = {}) {
        self.next = next
        self.end = end
    }

    deinit { end() }

    static func == (one: WebStream, other: WebStream) -> Bool { one === other }
}
