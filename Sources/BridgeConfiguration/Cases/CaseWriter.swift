// SPDX-License-Identifier: Apache-2.0
package import Harmonizer

/// Writes a golden case from recorded messages: it expects what the bridge publishes for them now.
package struct CaseWriter {
    package let problems: ProblemList
    /// The configuration that reads the messages; it is not copied into the case.
    package let configuration: YAMLNode?
    /// The file of the configuration.
    package let file: String

    package init(problems: ProblemList, configuration: YAMLNode? = nil, file: String) {
        self.problems = problems
        self.configuration = configuration
        self.file = file
    }

    /// The case as YAML; nil when the configuration has mistakes.
    package func text(_ messages: [RawMessage], name: String) -> String? {
        let mark = SourceMark(file: file, line: 1, column: 1)
        guard let root = configuration else {
            problems.error(mark, "--write needs --config: what reads the recording")
            return nil
        }
        let loader = ConfigurationLoader(problems: problems)
        guard let settings = loader.load(root, file: file)?.pipelineSettings else { return nil }
        let steps = messages.map { message in
            CaseStep(
                mark: mark,
                event: .message(
                    topic: message.topic, payload: PayloadTemplate(bytes: message.payload, zone: .utc),
                    isRetained: message.isRetained, values: [""], every: .zero),
                moment: .at(message.received), clock: .zero, expectation: Expectation(mark: mark))
        }
        let golden = GoldenCase(
            name: name, mark: mark, settings: settings, start: messages.first?.received ?? Timestamp(seconds: 0),
            steps: steps, shows: [], silent: [], problems: [], expectation: Expectation(mark: mark))
        let result = CaseRunner.run(golden)
        var lines = [
            "# Written from \(name). Serial numbers and places in it are as they came: replace them before it leaves your house.",
            "start: \(golden.start)", "steps:",
        ]
        for (message, step) in zip(messages, result.steps) {
            lines.append("  - at: \(message.received)")
            lines.append("    topic: \(Self.quoted(message.topic))")
            lines.append("    \(Self.payload(message.payload))")
            if message.isRetained { lines.append("    retained: true") }
            lines += Self.expectation(step.publications, indent: "    ")
        }
        if let last = result.steps.last, last.step == nil {
            lines.append("  - flush: true")
            lines += Self.expectation(last.publications, indent: "    ")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The expected publications: only readings and rejects, because all others follow from them.
    private static func expectation(_ publications: [Publication], indent: String) -> [String] {
        var lines: [String] = []
        for publication in publications {
            guard let root = try? JSONDocument.parse(publication.payload).root, root.kind == .object,
                root["registers"] != nil || root["reason"] != nil, !publication.isRetained
            else { continue }
            lines.append("\(indent)  - topic: \(quoted(publication.topic))")
            lines.append("\(indent)    json:")
            for key in ["meter", "time", "time_source", "reason", "detail"] as [StaticString] {
                if let value = root[key] { lines.append("\(indent)      \(key): \(value.strictText)") }
            }
            if let registers = root["registers"] {
                lines.append("\(indent)      registers:")
                for member in registers.members {
                    lines.append("\(indent)        \"\(member.key.string)\": \(member.value.strictText)")
                }
            }
            if let fixes = root["fixes"] { lines.append("\(indent)      fixes: \(fixes.strictText)") }
        }
        return lines.isEmpty ? ["\(indent)absent: \"+/+/meter/+/reading\""] : ["\(indent)expect:"] + lines
    }

    private static func payload(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return "payload_base64: \(Base64.text(bytes))"
        }
        return "payload: \(quoted(text))"
    }

    /// A quoted YAML string: every JSON string is one.
    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
