// SPDX-License-Identifier: Apache-2.0
internal import Harmonizer
internal import PageFiles

/// The texts of the page in one language, from one YAML file.
package struct Texts: Sendable {
    /// The language code, such as `en`.
    let language: String
    /// The texts by key.
    let words: [String: String]

    /// The English texts.
    package static let english = Texts("en", PageTexts.english)

    init(_ language: String, _ file: [UInt8]) {
        self.language = language
        let problems = ProblemList()
        let root = YAMLLoader.load(
            String(decoding: file, as: UTF8.self), file: "\(language).yaml", problems: problems)
        var words: [String: String] = [:]
        if case .mapping(let members) = root?.content {
            for member in members { words[member.key] = member.value.text(member.key, problems: problems) }
        }
        self.words = words
    }

    /// The text of a key, each `{}` replaced in order by a value; the key itself when the file lacks it.
    func callAsFunction(_ key: String, _ values: String...) -> String {
        guard var text = words[key] else { return key }
        for value in values {
            guard let place = text.firstRange(of: "{}") else { break }
            text.replaceSubrange(place, with: value)
        }
        return text
    }

    /// The explanation of a rule by its name: the text `rule.NAME` if the file has it, else the rule's own.
    func explanation(ofRule name: String) -> String {
        words["rule.\(name)"] ?? Fix.Rule(rawValue: name)?.explanation ?? name
    }

    /// The word for a direction or a counter, depending on what the meter measures: `power.pv.export`, else
    /// `power.export`.
    func word(_ key: String, _ word: String, of role: MeterRole?) -> String {
        role.flatMap { words["\(key).\($0.rawValue).\(word)"] } ?? self("\(key).\(word)")
    }

    /// The text for a number of things: `KEY.one` for one, else `KEY`.
    func count(_ key: String, _ number: Int) -> String {
        let key = number == 1 && words["\(key).one"] != nil ? "\(key).one" : key
        return self(key, Shown.grouped("\(number)"))
    }
}
