// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Reads `plugtest:` and the `about:` of a source.
package struct PlugTestReader {
    package let problems: ProblemList

    package init(problems: ProblemList) {
        self.problems = problems
    }

    package func read(_ map: YAMLReader, sources: [String]) -> PlugTestSettings {
        var map = map
        var settings = PlugTestSettings()
        settings.title = map.text("title") ?? settings.title
        if let node = map.node("expected"), !node.isNull { settings.expected = expected(node) ?? settings.expected }
        settings.display = entries(map.node("display"), "display").compactMap { display($0, sources: sources) }
        settings.steps = entries(map.node("steps"), "steps").compactMap(step)
        map.finish(synonyms: ["name": "title", "registers": "expected", "readings": "display", "events": "steps"])
        return settings
    }

    package static func about(_ map: YAMLReader) -> About {
        var map = map
        let about = About(utility: map.text("utility"), meter: map.text("meter"), reader: map.text("reader"))
        map.finish(synonyms: ["grid": "utility", "operator": "utility", "device": "reader"])
        return about
    }

    // MARK: - Expected registers

    private func expected(_ node: YAMLNode) -> [ExpectedRegister]? {
        let nodes: [YAMLNode]
        if case .sequence(let items) = node.content { nodes = items } else { nodes = [node] }
        var registers: [ExpectedRegister] = []
        for node in nodes {
            if case .mapping = node.content {
                var map = YAMLReader(node, what: "an expected register", at: node.mark, problems: problems)
                let every = map.span("every")
                if let obis = code(map.node("register"), at: node.mark) {
                    registers.append(ExpectedRegister(obis, every: every))
                }
                map.finish(synonyms: ["obis": "register", "interval": "every"])
            } else if let text = node.text("expected", problems: problems) {
                if text == "core" {
                    registers += ExpectedRegister.core
                } else if let obis = code(node, at: node.mark) {
                    registers.append(ExpectedRegister(obis))
                }
            }
        }
        var seen: Set<OBISCode> = []
        registers = registers.filter { seen.insert($0.obis).inserted }
        if registers.isEmpty { problems.error(node.mark, "\"expected\" is core, or a list of OBIS codes") }
        return registers.isEmpty ? nil : registers
    }

    private func code(_ node: YAMLNode?, at mark: SourceMark) -> OBISCode? {
        guard let node, let text = node.text("register", problems: problems) else {
            problems.error(mark, "\"register\" is missing: an OBIS code such as 1-0:1.8.0")
            return nil
        }
        guard let obis = OBISCode(text) else {
            problems.error(node.mark, "\"\(text)\" is not an OBIS code such as 1-0:1.8.0")
            return nil
        }
        return obis.canonical
    }

    // MARK: - Lists

    private func entries(_ node: YAMLNode?, _ what: String) -> [YAMLNode] {
        guard let node, !node.isNull else { return [] }
        guard case .sequence(let items) = node.content else {
            problems.error(node.mark, "\"\(what)\" is a list")
            return []
        }
        return items
    }

    private func display(_ node: YAMLNode, sources: [String]) -> DisplayReading? {
        var map = YAMLReader(node, what: "a display reading", at: node.mark, problems: problems)
        let source = map.text("source")
        let obis = code(map.node("register"), at: node.mark)
        let value = map.text("value")
        let at = moment(&map)
        map.finish(synonyms: ["obis": "register", "reading": "value", "meter": "source", "time": "at"])
        guard let source, sources.contains(source) else {
            let hint = NearestWord.hint(source ?? "", in: sources)
            problems.error(
                map.node("source")?.mark ?? node.mark,
                "a display reading names its \"source\"\(source.map { ", and there is no \"\($0)\"\(hint)" } ?? "")")
            return nil
        }
        let words = (value ?? "").split(separator: " ").map(String.init)
        guard let digits = words.first, let number = ExactDecimal(digits), words.count <= 2 else {
            problems.error(map.node("value")?.mark ?? node.mark, "\"value\" is what the display shows: 888.343 kWh")
            return nil
        }
        let unit = words.count == 2 ? Unit(words[1]) : nil
        if words.count == 2, unit == nil {
            problems.error(map.node("value")?.mark ?? node.mark, "unknown unit \"\(words[1])\"")
        }
        guard let obis else { return nil }
        let decimals = digits.firstIndex(of: ".").map { digits[$0...].utf8.count - 1 } ?? 0
        return DisplayReading(source: source, obis: obis, value: number, decimals: decimals, unit: unit, at: at)
    }

    private func step(_ node: YAMLNode) -> PlugTestStep? {
        var map = YAMLReader(node, what: "a step", at: node.mark, problems: problems)
        let name = map.text("name")
        let hasTime = map.node("at") != nil
        let at = moment(&map)
        let within = map.span("within") ?? .minutes(2)
        map.finish(synonyms: ["title": "name", "time": "at", "what": "name"])
        guard let name, hasTime else {
            problems.error(node.mark, "a step is {at: 10m, name: broker restarted}")
            return nil
        }
        return at.map { PlugTestStep(name: name, at: $0, within: within) }
    }

    private func moment(_ map: inout YAMLReader) -> Moment? {
        guard let node = map.node("at"), let text = node.text("at", problems: problems) else { return nil }
        if let moment = Moment(text) { return moment }
        problems.error(
            node.mark,
            "\"at\" is a time after the start such as 10m, or one such as 2026-11-20T22:40:02Z, not \"\(text)\"")
        return nil
    }
}
