// SPDX-License-Identifier: Apache-2.0
import Harmonizer

/// Reads `expect`, `complete`, `absent` and `diagnostics` of a step or a case.
struct ExpectationReader {
    let problems: ProblemList

    func read(_ map: inout YAMLReader) -> Expectation {
        var expectation = Expectation(mark: map.node("expect")?.mark ?? map.mark)
        if let node = map.node("expect"), !node.isNull {
            if case .sequence(let items) = node.content {
                expectation.publications = items.compactMap(publication)
            } else {
                problems.error(node.mark, "\"expect\" is a list of publications: [{topic: …, json: {…}}]")
            }
        }
        expectation.isComplete = map.flag("complete") ?? false
        expectation.absent = (map.texts("absent") ?? []).compactMap { text, mark in
            pattern(text, at: mark).map { ($0, mark) }
        }
        expectation.diagnostics = map.texts("diagnostics")
        return expectation
    }

    private func publication(_ node: YAMLNode) -> ExpectedPublication? {
        var map = YAMLReader(node, what: "an expected publication", at: node.mark, problems: problems)
        let topic = map.member("topic")
        let retained = map.flag("retained")
        var payload = ExpectedPublication.Payload.any
        if let node = map.node("payload"), let text = node.text("payload", problems: problems) { payload = .text(text) }
        if let node = map.node("json") { payload = .members(node) }
        if let node = map.node("exactly") { payload = .json(node) }
        map.finish(synonyms: ["members": "json", "retain": "retained", "exact": "exactly"])
        guard let topic, let text = topic.value.text("topic", problems: problems) else {
            problems.error(node.mark, "an expected publication needs a \"topic\"")
            return nil
        }
        guard let pattern = pattern(text, at: topic.value.mark) else { return nil }
        return ExpectedPublication(mark: node.mark, topic: pattern, payload: payload, isRetained: retained)
    }

    private func pattern(_ text: String, at mark: SourceMark) -> TopicPattern? {
        guard let pattern = TopicPattern(text) else {
            problems.error(mark, "\"\(text)\" is not a topic filter: + and # stand alone between slashes, # at the end")
            return nil
        }
        return pattern
    }
}
