// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// An HTTP answer: whole, or a stream that continues until the client closes it.
struct WebResponse: Sendable, Equatable {
    var status: Int
    var contentType: String
    var body: [UInt8]
    /// `Allow`: the allowed methods, when the request used another one.
    var allow: String?
    /// `Content-Security-Policy`, for pages.
    var policy: String?
    /// True for content that never changes at its URL.
    var isImmutable = false
    /// The file name for a download; nil for content that the browser shows.
    var fileName: String?
    /// `Content-Encoding` of the body; nil for an uncompressed one.
    var encoding: String?
    /// True when the encoding depends on the client.
    var variesByEncoding = false
    /// The pieces that follow `body`; nil for a whole answer.
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

/// The pieces of an answer that does not end by itself. Each piece is requested when the client has taken the one
/// before, so that a slow client does not make pieces pile up in memory.
final class WebStream: Sendable, Equatable {
    /// Returns the next piece; nil at the end, or when the task is cancelled.
    let next: @Sendable () async -> [UInt8]?
    private let end: @Sendable () -> Void

    /// - Parameter end: called when the stream is no longer read.
    init(next: @escaping @Sendable () async -> [UInt8]?, end: @escaping @Sendable () -> Void = {}) {
        self.next = next
        self.end = end
    }

    deinit { end() }

    static func == (one: WebStream, other: WebStream) -> Bool { one === other }
}
