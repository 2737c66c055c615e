// SPDX-License-Identifier: Apache-2.0

/// `http:`: the address and the names of the page and the API, and what they may do.
package struct WebSettings: Sendable, Equatable, CustomStringConvertible {
    package var address: ListenAddress
    /// Names besides this computer's own that the header `Host` may contain, in lower case.
    package var hosts: [String] = []
    /// The addresses of the proxies, numeric and in canonical form; empty when the server answers every client, else it
    /// answers only the proxies. The proxies authenticate people, and the bridge trusts their header for the name in
    /// the browser.
    package var proxies: [String] = []
    /// True when HTTP cannot change anything.
    package var isReadOnly = false

    package init(address: ListenAddress, hosts: [String] = [], proxies: [String] = [], isReadOnly: Bool = false) {
        self.address = address
        self.hosts = hosts
        self.proxies = proxies
        self.isReadOnly = isReadOnly
    }

    package var description: String { address.description }
}

extension WebSettings {
    /// True when the text can be a host name, without scheme and port.
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
