// SPDX-License-Identifier: Apache-2.0

/// What a Tasmota topic says. `FullTopic` is free, prefixes can be renamed and stand anywhere; the last level is Tasmota's own.
enum TasmotaTopic {
    /// What kind of message a topic announces.
    enum Content: Equatable {
        /// Sensors: the meter, if there is one.
        case sensors
        /// The reader's last will.
        case lastWill
        /// Known to be something else; the kind for the count.
        case other(String)
        /// No topic of Tasmota's own: the payload decides.
        case unknown
    }

    static func content(of topic: String) -> Content {
        let level =
            topic.utf8.lastIndex(of: UInt8(ascii: "/")).map { topic[topic.utf8.index(after: $0)...] } ?? topic[...]
        switch level {
        case "SENSOR", "STATUS8", "STATUS10", "": return .sensors
        case "LWT": return .lastWill
        case "STATE": return .other("tasmota-state")
        case "RESULT": return .other("tasmota-result")
        case "UPTIME", "WAKEUP", "MARGINS": return .other("tasmota-state")
        default:
            if isNumbered(level, "INFO") { return .other("tasmota-info") }
            if isNumbered(level, "STATUS") { return .other("tasmota-status") }
            if isNumbered(level, "POWER") || level == "POWER_LOW" { return .other("tasmota-power") }
            return .unknown
        }
    }

    /// True for `STATUS`, `STATUS6`.
    private static func isNumbered(_ level: Substring, _ name: String) -> Bool {
        level.hasPrefix(name) && level.utf8.dropFirst(name.utf8.count).allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    /// The levels of a topic, or of the part that wildcards matched, which name the device.
    static func device(_ levels: String) -> String {
        levels.split(separator: "/", omittingEmptySubsequences: false).filter { level in
            !(level == "tele" || level == "stat" || content(of: String(level)) != .unknown)
        }.joined(separator: "/")
    }
}
