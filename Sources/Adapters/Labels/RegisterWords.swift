// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer

/// A register in a dictionary or mapping: `1-0:1.7.0 kW`, or a code alone for texts and plain numbers.
struct RegisterWords {
    let problems: ProblemList

    /// - Parameter others: the keywords that are allowed instead of a register.
    func read(_ words: String, others: [String], at mark: SourceMark) -> (code: OBISCode, unit: Unit?)? {
        let parts = words.split(separator: " ")
        guard let code = parts.first.flatMap({ OBISCode(String($0)) }), parts.count <= 2 else {
            let hint = NearestWord.of(words, in: others)
            problems.error(
                mark,
                "\"\(words)\" is not a register"
                    + (hint.map { ", did you mean \"\($0)\"?" }
                        ?? ": write its code and unit (1-0:1.7.0 kW), or \(others.joined(separator: ", "))"))
            return nil
        }
        guard parts.count == 2 else { return (code, nil) }
        guard let unit = Unit(String(parts[1])) else {
            let hint = NearestWord.of(String(parts[1]), in: Unit.all.map(\.symbol))
            problems.error(mark, "unknown unit \"\(parts[1])\"" + (hint.map { ", did you mean \"\($0)\"?" } ?? ""))
            return nil
        }
        return (code, unit)
    }
}

/// The M-Bus channels of a dictionary or mapping: `submeters: {1: gas}`.
struct SubmetersReader {
    let problems: ProblemList

    func read(_ map: inout YAMLReader) -> [Int: Submeter.Medium] {
        var submeters: [Int: Submeter.Medium] = [:]
        var channels = map.map("submeters", what: "submeters")
        for key in channels.keys {
            guard let member = channels.member(key), let word = channels.text(key) else { continue }
            if let channel = Int(key), (1...255).contains(channel) {
                submeters[channel] = medium(word, at: member.value.mark)
            } else {
                problems.error(member.keyMark, "\"\(key)\" is not an M-Bus channel")
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
}

/// The file name of a dictionary or mapping.
enum DictionaryFile {
    /// Its name without folder and extension.
    static func name(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return String(
            file.hasSuffix(".yaml") ? file.dropLast(5) : file.hasSuffix(".yml") ? file.dropLast(4) : file[...])
    }
}
