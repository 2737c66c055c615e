// SPDX-License-Identifier: Apache-2.0
package import Foundation

/// `http:` of a source: a URL that is polled.
package struct HTTPSettings: Sendable, Equatable {
    package var url: URL
    /// The time between two requests.
    package var interval = Duration.seconds(10)
    /// The time limit for the whole answer.
    package var timeout = Duration.seconds(5)
    /// Headers of each request; they may contain passwords and tokens.
    package var headers: [String: String] = [:]

    /// Creates the settings.
    package init(
        url: URL, interval: Duration = Duration.seconds(10), timeout: Duration = Duration.seconds(5),
        headers: [String: String] = [:]
    ) {
        self.url = url
        self.interval = interval
        self.timeout = timeout
        self.headers = headers
    }

    /// Maximum size of an answer in bytes: the limit of the pipeline.
    package static let limit = 1 << 20

    /// The URL without the parts that may be secret.
    package var place: String {
        var components = URLComponents(url: url, resolvingAgainstBaseURL: false)
        components?.user = nil
        components?.password = nil
        components?.query = nil
        components?.fragment = nil
        return components?.string ?? url.scheme ?? "http"
    }
}
