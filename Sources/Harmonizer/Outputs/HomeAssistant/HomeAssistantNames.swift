// SPDX-License-Identifier: Apache-2.0
internal import ShippedFiles

/// The names of entities and devices: one YAML file per language in `Profiles/names/`.
package struct HomeAssistantNames: Sendable {
    /// `de`, `en` …
    let language: String
    private let words: [String: String]

    /// Nil for a language that has no file.
    init?(_ language: String) {
        guard let words = Self.all[language] else { return nil }
        self.language = language
        self.words = words
    }

    /// The names of the language that every other one falls back to.
    package static let english = HomeAssistantNames("en") ?? HomeAssistantNames(words: [:])

    private init(words: [String: String]) {
        language = "en"
        self.words = words
    }

    /// The languages that have a file.
    static var languages: [String] { ShippedNames.files.map(\.language) }

    private static let all: [String: [String: String]] = Dictionary(
        uniqueKeysWithValues: ShippedNames.files.map { file in
            let problems = ProblemList()
            let root = YAMLLoader.load(
                String(decoding: file.yaml, as: UTF8.self), file: "\(file.language).yaml", problems: problems)
            var words: [String: String] = [:]
            if case .mapping(let members) = root?.content {
                for member in members { words[member.key] = member.value.text(member.key, problems: problems) }
            }
            return (file.language, words)
        })

    /// A word by its key, `problem`; the key itself as a title when a file lacks it.
    func word(_ key: String) -> String { words[key] ?? Self.title(key) }

    /// `Solar meter` when the configuration contains what a meter measures; `Electricity meter` when it does not.
    func meter(_ role: MeterRole?, _ medium: Submeter.Medium) -> String {
        guard let role, role != .grid, medium == .electricity else { return meter(medium) }
        return word("\(role.rawValue)_meter")
    }

    /// `Gas meter`.
    func meter(_ medium: Submeter.Medium) -> String { word(medium.rawValue.replacing("-", with: "_") + "_meter") }

    /// The name of a register: that of its alias, followed by phase, tariff and quadrant.
    ///
    /// - Parameter channel: false for a device that is this channel and nothing else, so that the number tells nothing.
    package func register(_ alias: String, channel: Bool = true) -> String {
        if let word = words[alias] { return word }
        var parts = alias.split(separator: "_").map(String.init)
        var suffixes: [String] = []
        while parts.count > 1, let last = parts.last, Self.isSuffix(last) {
            suffixes.insert(last.uppercased(), at: 0)
            parts.removeLast()
            guard let word = words[parts.joined(separator: "_")] else { continue }
            let isChannel = suffixes.count == 1 && suffixes[0].allSatisfy(\.isNumber)
            return isChannel && !channel ? word : ([word] + suffixes).joined(separator: " ")
        }
        return Self.title(alias)
    }

    /// `l1`, `t2`, `q3`, `n`, and the channel of an M-Bus device.
    private static func isSuffix(_ word: String) -> Bool {
        if word == "n" || word.allSatisfy(\.isNumber) { return true }
        return word.count == 2 && ["l", "t", "q"].contains(word.prefix(1)) && word.last?.isNumber == true
    }

    /// `net_power_t1` as `Net power T1`, for an alias that a user chose.
    static func title(_ alias: String) -> String {
        let words = alias.split(separator: "_").enumerated().map { index, word -> String in
            if isSuffix(String(word)) { return word.uppercased() }
            return index == 0 ? word.prefix(1).uppercased() + word.dropFirst() : String(word)
        }
        return words.joined(separator: " ")
    }
}
