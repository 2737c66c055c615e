// SPDX-License-Identifier: Apache-2.0

/// An output that can be read from a configuration.
protocol ConfigurableOutput: Output {
    /// Reads the options; nil when a mistake makes them unusable. The caller reports a key that was not read.
    init?(_ options: inout YAMLReader, context: OutputContext)
}

/// Reads `outputs:`: names, each alone or with its options.
package struct OutputsReader {
    /// One line per output.
    static let types: [any ConfigurableOutput.Type] = [
        HomeAssistantOutput.self, RLDSPOutput.self, AliasTopicsOutput.self, HomieOutput.self, SenMLOutput.self,
        TemplateOutput.self,
    ]

    private let context: OutputContext
    private let problems: ProblemList

    /// Makes a reader that reports to `problems`.
    package init(context: OutputContext, problems: ProblemList) {
        self.context = context
        self.problems = problems
    }

    /// Reads the list; when it is absent, the harmonised profile is the only output.
    package func read(_ node: YAMLNode?) -> Outputs {
        guard let node, !node.isNull else { return .harmonized }
        var items: [YAMLNode] = [node]
        if case .sequence(let sequence) = node.content { items = sequence }
        var entries: [Outputs.Entry] = []
        var includesHarmonized = false
        for item in items {
            switch item.content {
            case .scalar(let name, _):
                read(name, at: item.mark, options: nil, into: &entries, &includesHarmonized)
            case .mapping(let members):
                for member in members {
                    read(member.key, at: member.keyMark, options: member.value, into: &entries, &includesHarmonized)
                }
            case .sequence: problems.error(item.mark, "an output is a name, or a name with its settings")
            }
        }
        reportClashes(entries)
        // Home Assistant reads the harmonised topics themselves.
        let needsHarmonized = entries.contains { $0.output is HomeAssistantOutput }
        return Outputs(entries: entries, includesHarmonized: includesHarmonized || needsHarmonized)
    }

    private func read(
        _ name: String, at mark: SourceMark, options: YAMLNode?, into entries: inout [Outputs.Entry],
        _ includesHarmonized: inout Bool
    ) {
        if name == "harmonized" {
            includesHarmonized = true
            if let options, !options.isNull { problems.error(mark, "\"harmonized\" has no settings; see \"profile\"") }
            return
        }
        guard let type = Self.types.first(where: { $0.name == name }) else {
            problems.error(mark, "unknown output \"\(name)\"" + NearestWord.hint(name, in: Outputs.names))
            return
        }
        var map = YAMLReader(options, what: "the output \"\(name)\"", at: mark, problems: problems)
        let meters = map.texts("meters").map { Set($0.map { MeterID.level(given: $0.text) }) }
        let output = type.init(&map, context: context)
        map.finish(synonyms: ["meter": "meters"])
        guard let output else { return }
        entries.append(Outputs.Entry(output: output, meters: meters, name: name, mark: mark))
    }

    /// Two outputs on one topic would overwrite each other.
    private func reportClashes(_ entries: [Outputs.Entry]) {
        for (position, entry) in entries.enumerated() {
            for other in entries[..<position] where areFor(entry, and: other) {
                guard let topic = entry.output.filters.first(where: other.output.filters.contains) else { continue }
                problems.error(
                    entry.mark, "\(topic) is published by \"\(other.name)\" at \(other.mark.lineReference) already")
            }
        }
    }

    private func areFor(_ entry: Outputs.Entry, and other: Outputs.Entry) -> Bool {
        guard let meters = entry.meters, let others = other.meters else { return true }
        return !meters.isDisjoint(with: others)
    }
}
