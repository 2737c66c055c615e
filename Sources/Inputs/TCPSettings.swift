// SPDX-License-Identifier: Apache-2.0

/// `tcp:` of a source: a server that forwards the bytes of a serial line, such as ser2net in raw mode.
package struct TCPSettings: Sendable, Equatable {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// `ser2net.lan:3333`, `192.168.1.9:3333` or `[fd00::9]:3333`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard isBracketed || !host.contains(":") else { return nil }
        guard let plain = Self.host(String(host)) else { return nil }
        self.init(host: plain, port: port)
    }

    /// The host without brackets; nil when the text is not a name or an address.
    package static func host(_ text: String) -> String? {
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let host = isBracketed ? String(text.dropFirst().dropLast()) : text
        let isWord = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !#"/[]@"'"#.utf8.contains($0) }
        return host.isEmpty || host.utf8.count > 255 || !isWord ? nil : host
    }

    /// The place, for people.
    package var place: String { "tcp \(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
