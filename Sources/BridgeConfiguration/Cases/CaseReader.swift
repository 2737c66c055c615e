// SPDX-License-Identifier: Apache-2.0
import Foundation
package import Harmonizer
import Machine

/// Reads a file of golden cases: one case, or several below `cases` that share a configuration.
package struct CaseReader {
    package let problems: ProblemList
    /// The configuration for files that contain none.
    package var standard: YAMLNode?

    package init(problems: ProblemList, standard: YAMLNode? = nil) {
        self.problems = problems
        self.standard = standard
    }

    /// The cases of a file; its mistakes are in `problems`.
    package func read(path: String) -> [GoldenCase] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            problems.error(SourceMark(file: path), "cannot read this file: \(UnreadableFile.reason(path))")
            return []
        }
        return read(text, file: path)
    }

    func read(_ text: String, file: String) -> [GoldenCase] {
        guard let root = YAMLLoader.load(text, file: file, problems: problems) else { return [] }
        guard let cases = root["cases"] else {
            return [read(root, name: file.fileStem, shared: nil, file: file)].compactMap(\.self)
        }
        var map = YAMLReader(root, what: "a file of cases", at: root.mark, problems: problems)
        _ = map.node("cases")
        let shared = map.node("config")
        _ = map.text("about")
        map.finish()
        guard case .mapping(let members) = cases.content else {
            problems.error(cases.mark, "\"cases\" is a mapping of names to cases")
            return []
        }
        return members.compactMap { read($0.value, name: $0.key, at: $0.keyMark, shared: shared, file: file) }
    }

    private func read(
        _ node: YAMLNode, name: String, at mark: SourceMark? = nil, shared: YAMLNode?, file: String
    ) -> GoldenCase? {
        let place = mark ?? node.mark
        var map = YAMLReader(node, what: "a case", at: place, problems: problems)
        let own = map.node("config")
        let settings = settings(shared: shared, own: own, at: place, file: file)
        let title = map.text("name") ?? name
        _ = map.text("about")
        let start = instant(&map, "start") ?? Self.standardStart
        let shows = rules(&map, "shows")
        let silent = rules(&map, "silent")
        let topics = (map.texts("problems") ?? []).map(\.text)
        let zone = settings?.sources.first?.zone ?? .utc
        let steps = StepReader(
            problems: problems, files: FileFinder(configuration: file), zone: zone, zones: settings?.sources ?? []
        ).steps(map.node("steps"), at: place)
        let expectation = ExpectationReader(problems: problems).read(&map)
        map.finish(synonyms: ["messages": "steps", "configuration": "config", "expected": "expect"])
        guard let settings else { return nil }
        return GoldenCase(
            name: title, mark: place, settings: settings, start: start, steps: steps, shows: shows, silent: silent,
            problems: topics, expectation: expectation)
    }

    /// Noon of a winter day, so that daylight saving never matters by accident.
    private static let standardStart = Timestamp(seconds: 1_795_176_000)  // 2026-11-20T12:00:00Z

    /// The settings of a case: its own override those of its file, which override those of `--config`. The defaults are
    /// the zone UTC and the bridge's name `test`, so that a case gives the same result on every host.
    private func settings(shared: YAMLNode?, own: YAMLNode?, at mark: SourceMark, file: String) -> Pipeline.Settings? {
        let plain = { (text: String) in YAMLNode(.scalar(text, isPlain: true), at: mark) }
        var node = YAMLNode(
            .mapping([
                .init(key: "bridge", keyMark: mark, value: plain("test")),
                .init(key: "zone", keyMark: mark, value: plain("UTC")),
            ]), at: mark)
        for layer in [standard, shared, own] {
            if let layer { node = node.merged(with: layer) }
        }
        let loader = ConfigurationLoader(problems: problems)
        return loader.load(node, file: file)?.pipelineSettings
    }

    private func instant(_ map: inout YAMLReader, _ key: String) -> Timestamp? {
        guard let node = map.node(key), !node.isNull, let text = node.text(key, problems: problems) else { return nil }
        if let instant = RFC3339.instant(text) { return instant }
        problems.error(node.mark, "\"\(key)\" is a time such as 2026-11-20T22:40:02Z, not \"\(text)\"")
        return nil
    }

    private func rules(_ map: inout YAMLReader, _ key: String) -> [(rule: Fix.Rule, mark: SourceMark)] {
        (map.texts(key) ?? []).compactMap { text, mark in
            if let rule = Fix.Rule(rawValue: text) { return (rule, mark) }
            let names = Fix.Rule.allCases.map(\.rawValue)
            problems.error(mark, "unknown rule \"\(text)\"" + NearestWord.hint(text, in: names))
            return nil
        }
    }
}

extension String {
    /// The text after the last slash.
    package var lastPathComponent: String { split(separator: "/").last.map(String.init) ?? self }

    /// The last path component up to its first point.
    var fileStem: String { lastPathComponent.split(separator: ".").first.map(String.init) ?? self }
}
