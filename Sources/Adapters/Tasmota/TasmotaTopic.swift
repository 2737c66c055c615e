// SPDX-License-Identifier: Apache-2.0

/// The contents of a Tasmota topic. `FullTopic` is configurable, and prefixes can be renamed and be anywhere; the last
/// level is fixed by Tasmota.
enum TasmotaTopic {
    /// The kind of message on a topic.
    enum Content: Equatable {
        /// Sensors, and the meter among them if there is one.
        case sensors
        /// The reader's last will.
        case lastWill
        /// Known, but other data; the kind for the count.
        case other(String)
        /// Not one of Tasmota's own topics: the payload decides.
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

    /// The levels of a topic, or of the part that wildcards matched, that name the device.
    static func device(_ levels: String) -> String {
        levels.split(separator: "/", omittingEmptySubsequences: false).filter { level in
            !(level == "tele" || level == "stat" || content(of: String(level)) != .unknown)
        }.joined(separator: "/")
    }

    /// The first level that is a name: by default the host name of the reader, `tele/gPlugD_5A1B2C/SENSOR`.
    static func host(_ topic: String) -> String? {
        topic.split(separator: "/").map(String.init).first { level in
            !words.contains(level) && !level.hasPrefix("STATUS") && !level.hasPrefix("INFO")
        }
    }

    private static let words: Set<String> = [
        "tele", "stat", "cmnd", "SENSOR", "STATE", "LWT", "RESULT", "tasmota", "discovery",
    ]
}

extension TasmotaTopic {
    /// True for the topics of periodic messages and of answers to `Status 8` and `Status 10`.
    static func isSensors(_ topic: String) -> Bool {
        let last = topic.split(separator: "/", omittingEmptySubsequences: false).last
        return last == "SENSOR" || last == "STATUS8" || last == "STATUS10"
    }

    /// The topic on which a device that answers on this topic publishes by itself; nil with renamed prefixes.
    static func sensors(answeringAt topic: String) -> String? {
        replacing("stat", by: "tele", last: "SENSOR", in: topic)
    }

    /// The topic of a command to the device that published on this topic; nil with renamed prefixes, or for another
    /// topic.
    static func command(_ name: String, toDeviceOf topic: String) -> String? {
        guard content(of: topic) != .unknown else { return nil }
        return replacing("tele", by: "cmnd", last: name, in: topic)
            ?? replacing("stat", by: "cmnd", last: name, in: topic)
    }

    private static func replacing(_ prefix: String, by other: String, last: String, in topic: String) -> String? {
        var levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard levels.count > 2, let index = levels.firstIndex(of: prefix) else { return nil }
        levels[index] = other
        levels[levels.count - 1] = last
        return levels.joined(separator: "/")
    }
}

/// Requests a whole message from Tasmota readers instead of waiting for the next periodic one.
public enum TasmotaQuestion {
    /// The command topic `Status` of the device that published on `topic`; its payload `10` requests all sensors. nil
    /// when the topic is not Tasmota's.
    public static func topic(answering topic: String) -> String? {
        topic.hasSuffix("/SENSOR") || topic.hasSuffix("/STATE") || topic.hasSuffix("/LWT")
            ? TasmotaTopic.command("Status", toDeviceOf: topic) : nil
    }
    /// The payload.
    public static let payload = "10"
}
