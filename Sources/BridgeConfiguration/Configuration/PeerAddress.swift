// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The numeric address of a client in canonical form: `::ffff:172.30.32.2`, as a socket for both families reports it,
/// is `172.30.32.2`.
package struct PeerAddress: Sendable, Equatable {
    package let text: String

    /// True for this computer itself.
    var isLoopback: Bool { text.hasPrefix("127.") || text == "::1" }

    /// Nil when the text is not a numeric address.
    package init?(_ text: String) {
        var v4 = in_addr()
        let mapped = "::ffff:"
        let plain = text.lowercased().hasPrefix(mapped) ? String(text.dropFirst(mapped.count)) : text
        if inet_pton(AF_INET, plain, &v4) == 1 {
            self.text = plain
            return
        }
        var v6 = in6_addr()
        // A link-local address ends with its interface.
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &v6) == 1 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, &v6, &buffer, socklen_t(INET6_ADDRSTRLEN)) != nil else { return nil }
        self.text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
