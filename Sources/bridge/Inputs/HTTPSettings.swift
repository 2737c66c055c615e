// SPDX-License-Identifier: Apache-2.0
import Foundation

/// `http:` of a source: a URL that is asked again and again.
struct HTTPSettings: Sendable, Equatable {
    var url: URL
    /// From one question to the next.
    var interval = Duration.seconds(10)
    /// The answer must be complete by then.
    var timeout = Duration.seconds(5)
    /// Sent with each question; here are passwords and tokens, too.
    var headers: [String: String] = [:]

    /// Bytes of an answer at most: what the pipeline takes.
    static let limit = 1 << 20

    /// The URL without what may be secret in it.
    var place: String {
        var components = URLComponents(url: url, resolvingAgainstBaseURL: false)
        components?.user = nil
        components?.password = nil
        components?.query = nil
        components?.fragment = nil
        return components?.string ?? url.scheme ?? "http"
    }
}
