// SPDX-License-Identifier: Apache-2.0

/// Made-up names for real ones, numbered by first appearance.
struct MadeUpNames {
    /// A name with its kind: a replacement has to be of the same kind.
    enum Found: Hashable {
        case host(String)
        case address(String)
        case hardware(String)
        case network(String)
    }

    private(set) var pairs: [(from: String, to: String)] = []
    private var known: Set<String> = []
    private var serials = 0
    private var hosts = 0
    private var others = 0

    /// Shorter serials occur inside other numbers.
    private static let shortest = 5
    /// A recording with more names is not a plug-test.
    private static let limit = 5000

    mutating func add(serial: String) {
        guard serial.utf8.count >= Self.shortest, !known.contains(serial), pairs.count < Self.limit else { return }
        serials += 1
        let new = Self.serial(like: serial, number: serials)
        add(serial, new)
        // P1 telegrams, and scripts that pass them on, write the characters in hexadecimal.
        add(Self.hexadecimal(serial), Self.hexadecimal(new))
    }

    mutating func add(host: String) { add(.host(host)) }

    mutating func add(_ found: Found) {
        guard pairs.count < Self.limit else { return }
        switch found {
        case .host(let name):
            guard name.utf8.count >= 3, !known.contains(name) else { return }
            hosts += 1
            add(name, "reader-\(hosts)")
        case .address(let address):
            guard !known.contains(address), address != "0.0.0.0", address.contains(".") else { return }
            others += 1
            // RFC 5737: addresses for documentation.
            add(address, "192.0.2.\(others % 255)")
        case .hardware(let address):
            guard !known.contains(address) else { return }
            others += 1
            let digits = String(others % 65536, radix: 16, uppercase: true)
            let four = String(repeating: "0", count: 4 - digits.utf8.count) + digits
            add(address, "02:00:00:00:\(four.prefix(2)):\(four.suffix(2))")
        case .network(let name):
            guard name.utf8.count >= 3, !known.contains(name) else { return }
            others += 1
            add(name, "network-\(others)")
        }
    }

    private mutating func add(_ old: String, _ new: String) {
        for (from, to) in [(old, new), (old.lowercased(), new.lowercased()), (old.uppercased(), new.uppercased())]
        where known.insert(from).inserted {
            pairs.append((from, to))
        }
    }

    /// A serial of the same length with the same manufacturer letters: `LGZ1030655900017` becomes `LGZ9000000000001`.
    static func serial(like serial: String, number: Int) -> String {
        let letters = serial.prefix { $0.isASCII && $0.isLetter }
        let kept = letters.count <= 4 ? letters : letters.prefix(3)
        let digits = "\(number)"
        let count = max(serial.count - kept.count, 1)
        guard count > digits.count else { return String(kept) + String(digits.suffix(count)) }
        return "\(kept)9\(String(repeating: "0", count: count - digits.count - 1))\(digits)"
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}
