// SPDX-License-Identifier: Apache-2.0

/// The contents of a topic of smartmeter-datacollector, also when a broker bridge added or removed levels.
///
/// When the telegram has no id, the program uses the path of its serial port instead, slashes included:
/// `smartmeter//dev/ttyUSB0/ACTIVE_POWER_P`. So only the first and the last level are certain, and the id is everything
/// between.
struct DatacollectorTopic: Sendable, Equatable {
    /// The two kinds of messages.
    enum Kind: Sendable, Equatable {
        /// `smartmeter/<id>/<TYPE>`: one register, with the name of its type.
        case register(Substring)
        /// `dt/<group>/<id>/ds`: all registers of a telegram (RL-DSP CH 2024 of the Swiss association VSE, since 2.0).
        case bundle
    }

    /// The kind of message on the topic.
    let kind: Kind
    /// The meter's id; nil when the topic has a serial port instead, or nothing.
    let id: Substring?

    /// Reads a topic; every topic has a last level, so none is refused here.
    init(_ topic: String) {
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false)
        let last = levels.count - 1
        if levels[last] == "ds", let start = levels.firstIndex(of: "dt"), start + 2 < last {
            kind = .bundle
            id = Self.id(topic, between: levels[start + 1], and: levels[last])
        } else if let start = levels[..<last].lastIndex(of: "smartmeter") {
            kind = .register(levels[last])
            id = start + 1 < last ? Self.id(topic, between: levels[start], and: levels[last]) : nil
        } else {
            // Without the first level the start of the id is unknown: then it is one level that looks like a serial
            // number, because a user's own level (`house/meter/…`) would be one meter in every house.
            kind = levels[last] == "ds" ? .bundle : .register(levels[last])
            id = last > 0 && levels[last - 1].utf8.count(where: Self.isDigit) >= 5 ? levels[last - 1] : nil
        }
    }

    private static func id(_ topic: String, between first: Substring, and last: Substring) -> Substring? {
        let id = topic[topic.utf8.index(after: first.endIndex)..<topic.utf8.index(before: last.startIndex)]
        return id.isEmpty || id.utf8.first == UInt8(ascii: "/") ? nil : id
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    /// True for a word in the form of a type, `ACTIVE_POWER_P`: other products that publish below `smartmeter/` use
    /// lower case.
    static func isTypeName(_ word: Substring) -> Bool {
        !word.isEmpty
            && word.utf8.allSatisfy {
                ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")) || isDigit($0) || $0 == UInt8(ascii: "_")
            }
    }
}
