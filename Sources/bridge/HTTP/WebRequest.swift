// SPDX-License-Identifier: Apache-2.0

/// A request, as far as the bridge looks at it.
struct WebRequest: Sendable {
    /// `GET`, as sent.
    var method: String
    /// As sent: percent-encoded, without the query.
    var path: String

    /// - Parameter target: `/v1/meters?x=y`.
    init(method: String, target: String) {
        self.method = method
        path = String(target.prefix { $0 != "?" && $0 != "#" })
    }
}
