// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The address of the HTTP server: a numeric address and a port.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// IPv4, or IPv6 without brackets.
    package var host: String
    package var port: UInt16

    /// The address that only this machine reaches.
    static let loopback = "127.0.0.1"

    /// `8080`, `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`; nil for anything else.
    package init?(_ text: String) {
        let host: Substring
        let digits: Substring
        if let colon = text.lastIndex(of: ":") {
            (host, digits) = (text[..<colon], text[text.index(after: colon)...])
        } else {
            (host, digits) = (Self.loopback[...], text[...])
        }
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits), port > 0 else { return nil }
        self.port = port
        if host == "localhost" {
            self.host = Self.loopback
        } else if host.hasPrefix("["), host.hasSuffix("]") {
            self.host = String(host.dropFirst().dropLast())
            var address = in6_addr()
            guard inet_pton(AF_INET6, self.host, &address) == 1 else { return nil }
        } else {
            self.host = String(host)
            var address = in_addr()
            guard inet_pton(AF_INET, self.host, &address) == 1 else { return nil }
        }
    }

    /// True for an address that only this machine reaches.
    var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
