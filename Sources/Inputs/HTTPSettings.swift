// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// `http:` of a source: a URL that is asked again and again.
package struct HTTPSettings: Sendable, Equatable {
    package var url: URL
    /// From one question to the next.
    package var interval = Duration.seconds(10)
    /// The answer must be complete by then.
    package var timeout = Duration.seconds(5)
    /// Sent with each question; here are passwords and tokens, too.
    package var headers: [String: String] = [:]

    /// Makes it of its parts.
    package init(
        url: URL, interval: Duration = Duration.seconds(10), timeout: Duration = Duration.seconds(5),
        headers: [String: String] = [:]
    ) {
        self.url = url
        self.interval = interval
        self.timeout = timeout
        self.headers = headers
    }

    /// Bytes of an answer at most: what the pipeline takes.
    package static let limit = 1 << 20

    /// The URL without what may be secret in it.
    package var place: String {
        var components = URLComponents(url: url, resolvingAgainstBaseURL: false)
        components?.user = nil
        components?.password = nil
        components?.query = nil
        components?.fragment = nil
        return components?.string ?? url.scheme ?? "http"
    }
}
