// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension LabelDictionary {
    /// Reads a dictionary; its name is the file's name without folder and extension.
    ///
    /// - Throws: all mistakes of the file at once.
    public static func load(yaml: String, path: String) throws(LabelDictionaryError) -> LabelDictionary {
        let reader = LabelDictionaryReader(path: path)
        let dictionary = reader.read(yaml)
        guard reader.problems.isUsable, let dictionary else {
            throw LabelDictionaryError(faults: reader.problems.sorted)
        }
        return dictionary
    }
}

/// Reads the YAML of a dictionary and collects its mistakes.
private struct LabelDictionaryReader {
    let path: String
    let problems = ProblemList()

    private var start: SourceMark { SourceMark(file: path, line: 1, column: 1) }

    func read(_ yaml: String) -> LabelDictionary? {
        guard let root = YAMLLoader.load(yaml, file: path, problems: problems) else { return nil }
        var map = YAMLReader(root, what: "a label dictionary", at: start, problems: problems)
        var dictionary = LabelDictionary(
            name: DictionaryFile.name(path), summary: map.text("description") ?? "", labels: labels(&map),
            group: map.text("group"),
            submeters: SubmetersReader(problems: problems).read(&map), guess: guess(&map))
        var groups = map.map("groups", what: "groups")
        for group in groups.keys {
            let labels = groups.map(group, what: "a group")
            dictionary.exceptions[group] = self.labels(labels)
        }
        map.finish()
        if problems.isUsable, dictionary.labels.isEmpty { problems.error(root.mark, "\"labels\" is missing") }
        return dictionary
    }

    private func guess(_ map: inout YAMLReader) -> LabelDictionary.Guess {
        var detect = map.map("detect", what: "detect")
        defer { detect.finish() }
        func texts(_ key: String, in map: inout YAMLReader) -> [String] { (map.texts(key) ?? []).map(\.text) }
        return LabelDictionary.Guess(
            adapters: texts("guess_in", in: &map), group: detect.text("group"),
            present: texts("present", in: &detect), absent: texts("absent", in: &detect))
    }

    private func labels(_ map: inout YAMLReader) -> [String: LabelDictionary.Label] {
        labels(map.map("labels", what: "labels"))
    }

    private func labels(_ map: YAMLReader) -> [String: LabelDictionary.Label] {
        var labels: [String: LabelDictionary.Label] = [:]
        var reader = map
        for key in reader.keys {
            guard let node = reader.node(key), let words = node.text(key, problems: problems) else { continue }
            labels[key] = label(words, at: node.mark)
        }
        return labels
    }

    private func label(_ words: String, at mark: SourceMark) -> LabelDictionary.Label? {
        switch words {
        case "id": return .id
        case "hexadecimal id": return .hexadecimalID
        case "clock": return .clock
        case "ignored": return .ignored
        default:
            return RegisterWords(problems: problems).read(
                words, others: ["id", "hexadecimal id", "clock", "ignored"], at: mark
            ).map { .register($0.code, unit: $0.unit) }
        }
    }
}
