// SPDX-License-Identifier: Apache-2.0
import Harmonizer

extension LabelDictionary {
    /// Reads a dictionary; its name is the file's without folder and ending.
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

/// Turns the YAML of a dictionary into one, and collects its mistakes.
private struct LabelDictionaryReader {
    let path: String
    let problems = ProblemList()

    private var start: SourceMark { SourceMark(file: path, line: 1, column: 1) }

    private var name: String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return String(
            file.hasSuffix(".yaml") ? file.dropLast(5) : file.hasSuffix(".yml") ? file.dropLast(4) : file[...])
    }

    func read(_ yaml: String) -> LabelDictionary? {
        guard let root = YAMLLoader.load(yaml, file: path, problems: problems) else { return nil }
        var map = YAMLReader(root, what: "a label dictionary", at: start, problems: problems)
        let dictionary = LabelDictionary(
            name: name, summary: map.text("description") ?? "", labels: labels(&map), group: map.text("group"),
            submeters: submeters(&map), guess: guess(&map))
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

    private func submeters(_ map: inout YAMLReader) -> [Int: Submeter.Medium] {
        var submeters: [Int: Submeter.Medium] = [:]
        var channels = map.map("submeters", what: "submeters")
        for key in channels.keys {
            guard let member = channels.member(key), let word = channels.text(key) else { continue }
            if let channel = Int(key), (1...255).contains(channel) {
                submeters[channel] = medium(word, at: member.value.mark)
            } else {
                problems.error(member.keyMark, "\"\(key)\" is no M-Bus channel")
            }
        }
        return submeters
    }

    private func medium(_ word: String, at mark: SourceMark) -> Submeter.Medium? {
        let medium = Submeter.Medium(rawValue: word)
        if medium == nil {
            let words = ["electricity", "gas", "heat", "cooling", "water", "warm-water", "other"]
            problems.error(mark, "unknown medium \"\(word)\"" + NearestWord.hint(word, in: words))
        }
        return medium
    }

    private func labels(_ map: inout YAMLReader) -> [String: LabelDictionary.Label] {
        var labels: [String: LabelDictionary.Label] = [:]
        var reader = map.map("labels", what: "labels")
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
        default: return register(words, at: mark)
        }
    }

    /// `1-0:1.7.0 kW`, or a code alone for texts and plain numbers.
    private func register(_ words: String, at mark: SourceMark) -> LabelDictionary.Label? {
        let parts = words.split(separator: " ")
        guard let code = parts.first.flatMap({ OBISCode(String($0)) }), parts.count <= 2 else {
            let hint = NearestWord.of(words, in: ["id", "hexadecimal id", "clock", "ignored"])
            problems.error(
                mark,
                "\"\(words)\" is no register"
                    + (hint.map { ", did you mean \"\($0)\"?" }
                        ?? ": write its code and unit (1-0:1.7.0 kW), or id, hexadecimal id, clock, ignored"))
            return nil
        }
        guard parts.count == 2 else { return .register(code, unit: nil) }
        guard let unit = Unit(String(parts[1])) else {
            let hint = NearestWord.of(String(parts[1]), in: Unit.all.map(\.symbol))
            problems.error(mark, "unknown unit \"\(parts[1])\"" + (hint.map { ", did you mean \"\($0)\"?" } ?? ""))
            return nil
        }
        return .register(code, unit: unit)
    }
}
