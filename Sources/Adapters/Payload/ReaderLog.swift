// SPDX-License-Identifier: Apache-2.0

/// Messages of readers about themselves, which a broad filter also receives.
enum ReaderLog {
    private static let topics: Set<Substring> = ["debug", "log", "logs", "logger", "logging", "syslog"]
    private static let words: Set<String> = [
        "online", "offline", "connected", "disconnected", "connection lost", "started", "running", "stopped", "lost",
        "ready", "alive", "ok",
    ]

    /// True when the last level of a topic names a log.
    static func isLog(_ topic: String) -> Bool {
        topics.contains((topic.split(separator: "/").last ?? "").lowercased()[...])
    }

    /// True for a payload that is only a status word of the reader: `online`.
    static func isPresence(_ payload: [UInt8]) -> Bool {
        payload.count <= 20 && words.contains(String(decoding: payload, as: UTF8.self).lowercased())
    }
}
