// SPDX-License-Identifier: Apache-2.0

/// Reads the `topics` of a profile.
struct TopicsReader {
    let problems: ProblemList

    func read(_ map: YAMLReader) -> Topics {
        var map = map
        let root = map.text("root") ?? "harmonized/v1"
        if root.isEmpty || root.hasPrefix("/") || root.hasSuffix("/") || root.contains(where: { "+#\0".contains($0) }) {
            problems.error(map.node("root")?.mark ?? map.mark, "\"root\" is a topic without wildcards, not \"\(root)\"")
        }
        let meter: Set = ["meter"]
        // What the bridge reports of itself concerns no tenant.
        let own = root.replacing("/\(TopicPattern.tenantLevel)", with: "")
        let topics = Topics(
            root: own,
            reading: rule("reading", &map, root: root, needs: meter, retain: .never),
            state: rule("state", &map, root: root, needs: meter, retain: .always),
            obis: rule("obis", &map, root: root, needs: ["meter", "obis"], retain: .counters),
            value: rule("value", &map, root: root, needs: ["meter", "alias"], retain: .counters),
            info: rule("info", &map, root: root, needs: meter, retain: .always),
            availability: rule("availability", &map, root: root, needs: meter, retain: .always),
            status: rule("status", &map, root: own, needs: ["bridge"], retain: .always),
            bridgeInfo: rule("bridge_info", &map, root: own, needs: ["bridge"], retain: .always),
            health: rule("health", &map, root: own, needs: ["bridge"], retain: .always),
            reject: rule("reject", &map, root: own, needs: ["bridge"], retain: .never),
            command: rule("command", &map, root: own, needs: ["bridge"], retain: .never),
            answer: rule("answer", &map, root: own, needs: ["bridge"], retain: .never))
        map.finish()
        let enabled = topics.all.filter(\.rule.isEnabled)
        for (index, one) in enabled.enumerated() {
            for other in enabled[..<index] where other.rule.template == one.rule.template {
                problems.error(one.rule.mark, "\"\(one.key)\" and \"\(other.key)\" are published on the same topic")
            }
        }
        return topics
    }

    private func rule(
        _ key: String, _ map: inout YAMLReader, root: String, needs: Set<String>, retain: TopicRule.Retain
    ) -> TopicRule {
        let node = map.node(key)
        let mark = node?.mark ?? map.mark
        var rule = TopicRule(
            template: "", qos: 1, retain: retain, repeatEvery: .minutes(5), every: .zero, isEnabled: node != nil,
            mark: mark)
        switch node?.content {
        case nil: return rule
        case .scalar where node?.isNull == true:
            rule.isEnabled = false
            return rule
        case .scalar(let text, _) where ["false", "no", "off"].contains(text.lowercased()):
            rule.isEnabled = false
            return rule
        case .scalar(let text, _):
            rule.template = text
        default:
            var reader = YAMLReader(node, what: "a topic", at: mark, problems: problems)
            rule.template = reader.text("topic") ?? ""
            // After a merge the mapping may be the shipped one and only its topic the user's.
            rule.mark = reader.node("topic")?.mark ?? mark
            rule.qos = UInt8(reader.number("qos", in: 0...1) ?? 1)
            rule.retain = reader.choice("retain", of: TopicRule.Retain.self) ?? retain
            rule.repeatEvery = reader.span("repeat") ?? rule.repeatEvery
            if ["state", "obis", "value"].contains(key) { rule.every = reader.span("every") ?? .zero }
            rule.isEnabled = reader.flag("enabled") ?? true
            reader.finish()
        }
        rule.template = rule.template.replacing("{root}", with: root)
        check(rule, key: key, needs: needs)
        return rule
    }

    /// A topic without a placeholder would mix the values of two meters; a topic with a wildcard cannot be published
    /// to.
    private func check(_ rule: TopicRule, key: String, needs: Set<String>) {
        if rule.template.isEmpty { problems.error(rule.mark, "\"\(key)\" has no topic") }
        for name in needs.sorted() where !rule.template.isEmpty && !rule.template.contains("{\(name)}") {
            problems.error(rule.mark, "the topic of \"\(key)\" has no {\(name)}: \(rule.template)")
        }
        var rest = rule.template
        for name in needs { rest = rest.replacing("{\(name)}", with: "x") }
        if needs.contains("meter") { rest = rest.replacing(TopicPattern.tenantLevel, with: "x") }
        if let wrong = rest.first(where: { "{}+#\0".contains($0) }) {
            problems.error(rule.mark, "the topic of \"\(key)\" has \"\(wrong)\" in it: \(rule.template)")
        }
        if rest.hasPrefix("smartmeter/") {
            problems.error(
                rule.mark, "\"\(key)\" is published below smartmeter/, where readers publish their raw messages")
        }
    }
}
