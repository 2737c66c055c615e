// SPDX-License-Identifier: Apache-2.0

/// `http:`: where the page and the API are answered, under which names, and what they may do.
struct WebSettings: Sendable, Equatable, CustomStringConvertible {
    var address: ListenAddress
    /// Names besides this computer's own that the header `Host` may carry, in small letters.
    var hosts: [String] = []
    /// The addresses of the proxies that alone are answered, numeric and in one form; empty when everybody is. They ask people who they
    /// are, and their word counts for the name that the browser shows.
    var proxies: [String] = []
    /// True when nothing can be changed through it.
    var isReadOnly = false

    var description: String { address.description }
}
