// SPDX-License-Identifier: Apache-2.0

/// `udp:` of a source: a port to listen on, alone or in a multicast group.
package struct UDPSettings: Sendable, Equatable {
    package var port: UInt16
    /// The IPv4 multicast group to join; nil for datagrams to this host.
    package var group: IPv4Address?
    /// Name or address of the network interface on which to join; nil: the system chooses.
    package var interface: String?
    /// Only datagrams of this sender are read; nil: those of all senders.
    package var sender: IPv4Address?

    /// Creates the settings.
    package init(port: UInt16, group: IPv4Address? = nil, interface: String? = nil, sender: IPv4Address? = nil) {
        self.port = port
        self.group = group
        self.interface = interface
        self.sender = sender
    }

    /// The place, for people.
    package var place: String {
        var text = "udp \(group.map { "\($0):" } ?? "port ")\(port)"
        if let interface { text += " on \(interface)" }
        if let sender { text += " from \(sender)" }
        return text
    }
}

/// An IPv4 address.
package struct IPv4Address: Sendable, Equatable, CustomStringConvertible {
    /// In the host's byte order.
    package let number: UInt32

    package init(number: UInt32) { self.number = number }

    /// Four decimal numbers with dots; nil for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts.allSatisfy({ (1...3).contains($0.utf8.count) }) else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard part.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let byte = UInt8(part) else { return nil }
            number = number << 8 | UInt32(byte)
        }
        self.number = number
    }

    /// True for 224.0.0.0 to 239.255.255.255.
    package var isMulticast: Bool { number >> 28 == 0xE }

    package var description: String {
        [24, 16, 8, 0].map { "\(number >> UInt32($0) & 0xFF)" }.joined(separator: ".")
    }
}
