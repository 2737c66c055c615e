// SPDX-License-Identifier: Apache-2.0
import Foundation
import Harmonizer
import Machine
import PlugTest

/// Reads the `steps` of a golden case.
struct StepReader {
    let problems: ProblemList
    let files: FileFinder
    /// The zone for readers whose topic no source subscribes to.
    let zone: Zone
    let zones: [Source]

    func steps(_ node: YAMLNode?, at mark: SourceMark) -> [CaseStep] {
        guard let node, case .sequence(let items) = node.content, !items.isEmpty else {
            problems.error(node?.mark ?? mark, "a case needs \"steps\": [{topic: …, payload: …}]")
            return []
        }
        return items.compactMap(step)
    }

    private func step(_ node: YAMLNode) -> CaseStep? {
        if case .scalar(let word, _) = node.content {
            let events: [String: CaseStep.Event] = ["flush": .flush, "restart": .restart, "connect": .connect]
            guard let event = events[word] else {
                problems.error(
                    node.mark, "unknown step \"\(word)\"; valid: connect, flush, restart, {topic: …}, {wait: 10s}")
                return nil
            }
            return CaseStep(
                mark: node.mark, event: event, moment: .after(.zero), clock: .zero,
                expectation: Expectation(mark: node.mark))
        }
        var map = YAMLReader(node, what: "a step", at: node.mark, problems: problems)
        var moment = CaseStep.Moment.after(map.span("after") ?? .zero)
        if let at = map.node("at"), let text = at.text("at", problems: problems) {
            if let instant = RFC3339.instant(text) {
                moment = .at(instant)
            } else {
                problems.error(at.mark, "\"at\" is a time such as 2026-11-20T22:40:02Z, not \"\(text)\"")
            }
        }
        let clock = offset(&map)
        let wait = map.span("wait")
        let event = map.node("wait") == nil ? event(&map) : .wait
        if let wait { moment = .after(wait) }
        let expectation = ExpectationReader(problems: problems).read(&map)
        map.finish(synonyms: ["time": "at", "received": "at", "retain": "retained", "message": "payload"])
        guard let event else { return nil }
        return CaseStep(mark: node.mark, event: event, moment: moment, clock: clock, expectation: expectation)
    }

    private func event(_ map: inout YAMLReader) -> CaseStep.Event? {
        if map.flag("flush") == true { return .flush }
        if map.flag("restart") == true { return .restart }
        if map.flag("connect") == true { return .connect }
        let topic = map.text("topic")
        let payload = payload(&map)
        let isRetained = map.flag("retained") ?? false
        let every = map.span("every") ?? .seconds(10)
        let times = map.number("repeat", in: 1...100_000)
        var values = (map.texts("values") ?? []).map(\.text)
        if values.isEmpty { values = [String](repeating: "", count: times ?? 1) }
        guard let topic, let payload else {
            problems.error(
                map.mark, "a step is a message {topic: …, payload: …}, {wait: 10s}, connect, flush or restart")
            return nil
        }
        let source = zones.first { source in source.filters.contains { $0.captures(topic) != nil } }
        return .message(
            topic: topic, payload: PayloadTemplate(bytes: payload, zone: source?.zone ?? zone), isRetained: isRetained,
            values: values, every: every)
    }

    private func payload(_ map: inout YAMLReader) -> [UInt8]? {
        if let node = map.node("payload_file"), let name = node.text("payload_file", problems: problems) {
            guard let data = FileManager.default.contents(atPath: files.path(name)) else {
                problems.error(node.mark, UnreadableFile.sentence(name, at: files.path(name)))
                return nil
            }
            return Array(data)
        }
        if let node = map.node("payload_base64"), let text = node.text("payload_base64", problems: problems) {
            guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
                problems.error(node.mark, "\"payload_base64\" is not valid base64")
                return nil
            }
            return Array(data)
        }
        guard let node = map.node("payload") else { return nil }
        return node.text("payload", problems: problems).map { Array($0.utf8) }
    }

    /// The offset of the payload's clock from the arrival: `+2h`, `-90s`.
    private func offset(_ map: inout YAMLReader) -> TimeSpan {
        guard let node = map.node("clock"), let text = node.text("clock", problems: problems) else { return .zero }
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard let span = TimeSpan(digits) else {
            problems.error(node.mark, "\"clock\" is an offset such as +2h or -90s, not \"\(text)\"")
            return .zero
        }
        return isNegative ? -span : span
    }
}
