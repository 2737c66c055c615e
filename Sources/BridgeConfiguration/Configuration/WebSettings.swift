// SPDX-License-Identifier: Apache-2.0

/// `http:`: where the page and the API are answered, under which names, and what they may do.
package struct WebSettings: Sendable, Equatable, CustomStringConvertible {
    package var address: ListenAddress
    /// Names besides this computer's own that the header `Host` may carry, in small letters.
    package var hosts: [String] = []
    /// The addresses of the proxies that alone are answered, numeric and in one form; empty when everybody is. They ask people who they
    /// are, and their word counts for the name that the browser shows.
    package var proxies: [String] = []
    /// True when nothing can be changed through it.
    package var isReadOnly = false

    /// Makes it of its parts.
    package init(address: ListenAddress, hosts: [String] = [], proxies: [String] = [], isReadOnly: Bool = false) {
        self.address = address
        self.hosts = hosts
        self.proxies = proxies
        self.isReadOnly = isReadOnly
    }

    package var description: String { address.description }
}

extension WebSettings {
    /// True for what can be the name of a host, without scheme and port.
    package static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 253
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
