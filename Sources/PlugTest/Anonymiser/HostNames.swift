// SPDX-License-Identifier: Apache-2.0

/// Finds names and addresses of computers and networks in payloads.
enum HostNames {
    /// The network names and addresses in a reader's `STATE` and `STATUS` messages.
    static func values(in payload: [UInt8]) -> [MadeUpNames.Found] {
        keys.flatMap { key, make in strings(after: Array("\"\(key)\":".utf8), in: payload).map(make) }
    }

    private static let keys: [(String, @Sendable (String) -> MadeUpNames.Found)] = [
        ("Hostname", { .host($0) }), ("DeviceName", { .host($0) }), ("IPAddress", { .address($0) }),
        ("Gateway", { .address($0) }), ("DNSServer1", { .address($0) }), ("DNSServer2", { .address($0) }),
        ("Mac", { .hardware($0) }),
        ("BSSId", { .hardware($0) }), ("SSId", { .network($0) }), ("MqttHost", { .host($0) }),
        ("MqttClient", { .host($0) }),
        ("MqttUser", { .host($0) }),
    ]

    private static func strings(after key: [UInt8], in payload: [UInt8]) -> [String] {
        var found: [String] = []
        var index = 0
        while index + key.count < payload.count {
            guard payload[index] == key[0], payload[index...].starts(with: key) else {
                index += 1
                continue
            }
            index += key.count
            while index < payload.count, payload[index] == UInt8(ascii: " ") { index += 1 }
            guard index < payload.count, payload[index] == UInt8(ascii: "\"") else { continue }
            let text = payload[(index + 1)...].prefix { $0 != UInt8(ascii: "\"") }
            found.append(String(decoding: text, as: UTF8.self))
        }
        return found
    }
}
