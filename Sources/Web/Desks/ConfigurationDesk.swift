// SPDX-License-Identifier: Apache-2.0
import BridgeConfiguration
import Foundation
import Harmonizer
import Page

/// Shows the configuration, checks another one, and tries it with the last messages. The page has no password, so a
/// check reads only the files and variables that the configuration in force names.
struct ConfigurationDesk: Sendable {
    let environment: [String: String]

    /// The number of changes shown one by one.
    private static let limit = 20

    func glance(_ configuration: Configuration, messages: [RawMessage]) -> ConfigurationGlance {
        let text = configuration.file.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        return ConfigurationGlance(
            file: configuration.file, text: text.map { MaskedText($0).text }, profile: profile(configuration, text),
            messages: messages.count)
    }

    /// The merged profile, each value with its file and line.
    private func profile(_ configuration: Configuration, _ text: String?) -> YAMLNode? {
        let problems = ProblemList()
        guard let file = configuration.file, let text,
            let root = YAMLLoader.load(text, file: file, environment: { environment[$0] }, problems: problems)
        else { return ProfileLoader.shipped("harmonized", problems: problems) }
        let files = FileFinder(configuration: file)
        return ProfileFinder(problems: problems, files: files).merged(root["profile"])
    }

    /// The mistakes in another text, and the changes that it would cause, as JSON.
    func check(_ changed: String, instead configuration: Configuration, messages: [RawMessage]) -> [UInt8] {
        let file = configuration.file ?? "bridge.yaml"
        let original = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let masked = MaskedText(original)
        let problems = ProblemList()
        let variables = environment.filter { original.contains($0.key) }
        var loader = ConfigurationLoader(environment: variables, problems: problems)
        loader.adopted = configuration.adopted
        loader.files.allow(only: namedFiles(configuration, original))
        let new = loader.load(masked.restored(changed), file: file)
        var writer = JSONWriter(capacity: 4096)
        writer.object { json in
            json.key("problems")
            json.array { json in
                for problem in problems.sorted.prefix(200) {
                    json.object { json in
                        if problem.mark.file != file { json.member("file", problem.mark.file) }
                        json.key("line")
                        json.number(problem.mark.line)
                        json.key("column")
                        json.number(problem.mark.column)
                        json.member(
                            "message",
                            masked.hides(problem.message) ? "the value of this secret is not right" : problem.message)
                        json.member("warning", problem.isWarning)
                    }
                }
            }
            guard let new else { return }
            json.key("preview")
            preview(configuration.pipelineSettings, new.pipelineSettings, messages, &json)
        }
        return writer.bytes
    }

    /// The files that the configuration in force consists of.
    private func namedFiles(_ configuration: Configuration, _ text: String) -> Set<String> {
        guard let file = configuration.file else { return [] }
        var loader = ConfigurationLoader(environment: environment)
        loader.adopted = configuration.adopted
        _ = loader.load(text, file: file)
        return loader.files.paths
    }

    // MARK: - Preview

    private struct Change {
        var topic: String
        var before: [Publication]
        var after: [Publication]
    }

    /// The publications of each message that differ between the two settings.
    private func preview(
        _ now: Pipeline.Settings, _ then: Pipeline.Settings, _ messages: [RawMessage], _ json: inout JSONWriter
    ) {
        let (before, after) = (publications(now, messages), publications(then, messages))
        var changes: [Change] = []
        for (index, message) in messages.enumerated() where before[index] != after[index] {
            changes.append(
                Change(
                    topic: message.topic, before: before[index].filter { !after[index].contains($0) },
                    after: after[index].filter { !before[index].contains($0) }))
        }
        json.object { json in
            json.key("count")
            json.number(messages.count)
            json.key("changes")
            json.array { json in
                for change in changes.prefix(Self.limit) {
                    json.object { json in
                        json.member("topic", Printable.escaped(change.topic))
                        json.key("before")
                        write(change.before, &json)
                        json.key("after")
                        write(change.after, &json)
                    }
                }
            }
            guard changes.count > Self.limit else { return }
            json.key("more")
            json.number(changes.count - Self.limit)
        }
    }

    private func write(_ publications: [Publication], _ json: inout JSONWriter) {
        json.array { json in
            for publication in publications.prefix(12) {
                json.object { json in
                    json.member("topic", Printable.escaped(publication.topic))
                    json.member("payload", String(decoding: publication.payload.prefix(2000), as: UTF8.self))
                }
            }
        }
    }

    /// The publications by message; later ones belong to the message before them.
    private func publications(_ settings: Pipeline.Settings, _ messages: [RawMessage]) -> [[Publication]] {
        var pipeline = Pipeline(settings)
        pipeline.publishesUnsettled = false
        var result: [[Publication]] = []
        for message in messages {
            let late = pipeline.advance(to: message.received)
            if !result.isEmpty { result[result.count - 1] += late }
            result.append(pipeline.handle(message))
        }
        guard let last = messages.last else { return result }
        result[result.count - 1] += pipeline.flush(at: last.received)
        return result
    }
}
