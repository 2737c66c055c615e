// SPDX-License-Identifier: Apache-2.0

/// Topics that a user writes for an output, with names in braces.
enum OutputTopic {
    /// What is wrong with a topic; nil when nothing is.
    static func fault(in topic: String, needs: [String]) -> String? {
        for name in needs where !topic.contains("{\(name)}") {
            return "the topic has no {\(name)}: \(topic)"
        }
        var rest = topic
        for name in needs { rest = rest.replacing("{\(name)}", with: "x") }
        return fault(inFixed: rest, of: topic)
    }

    /// The same check for a topic without names.
    static func fault(inFixed rest: String, of topic: String) -> String? {
        if rest.isEmpty { return "the topic is empty" }
        if let wrong = rest.first(where: { "{}+#\0".contains($0) }) {
            return "the topic has \"\(wrong)\" in it: \(topic)"
        }
        if rest.hasPrefix("$") { return "topics that begin with $ are the broker's: \(topic)" }
        if rest.hasPrefix("smartmeter/") {
            return "\(topic) is below smartmeter/, where readers publish their raw messages"
        }
        return nil
    }

    /// The filter that matches everything the topic can become.
    static func filter(_ topic: String) -> String {
        topic.split(separator: "/", omittingEmptySubsequences: false).map { $0.contains("{") ? "+" : String($0) }
            .joined(separator: "/")
    }
}
